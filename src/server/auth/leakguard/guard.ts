import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { Secret } from '#server/secret.ts';
import { type ConnectionRow, listConnections, openSignIn, openStoredCredential } from '../connections.ts';
import type { Keyring } from '../keys/keyring.ts';
import { createScrubber, type Scrubber } from './scrubber.ts';

/** Knows every person's secrets well enough to see them, and not well enough to tell them. */
export type LeakGuard = {
	/** For what this person's projects say and hold. Made anew when their connections have changed. Not in a transaction. */
	scrubberFor(userId: string): Promise<Scrubber>;
};

type Ground = { db: Db; keyring: Keyring };

/** Header names whose value proves who one is; other headers of an endpoint are no secret. */
const TELLING_HEADER = /auth|key|token|secret|cookie|session|password|credential/i;

/**
 * Each person has a scrubber of their own: with one for all, a person could find out another's keys by trying which
 * pieces are taken out. The key of the hashes lives as long as this process.
 */
export function createLeakGuard(ground: Ground): LeakGuard {
	const key = randomBytes(32);
	const known = new Map<string, { state: string; scrubber: Scrubber }>();
	return {
		async scrubberFor(userId) {
			const rows = await listConnections(ground.db, userId);
			const state = stateOf(rows);
			const before = known.get(userId);
			if (before?.state === state) return before.scrubber;
			const secrets = await openAll(ground, rows);
			const scrubber = createScrubber(
				secrets.map((secret) => secret.reveal()),
				key,
			);
			known.set(userId, { state, scrubber });
			return scrubber;
		},
	};
}

/** Another text for every change of a credential: a seal is never the same twice. */
function stateOf(rows: readonly ConnectionRow[]): string {
	const hash = createHash('sha256');
	for (const { id, sealed_credential } of rows) hash.update(`${id}:${sealed_credential ?? ''};`);
	return hash.digest('base64url');
}

async function openAll(ground: Ground, rows: readonly ConnectionRow[]): Promise<Secret[]> {
	const secrets: Secret[] = [];
	for (const row of rows) secrets.push(...(await open(ground, row)));
	return secrets;
}

async function open({ db, keyring }: Ground, row: ConnectionRow): Promise<Secret[]> {
	if (row.sealed_credential === null) return [];
	try {
		if (row.auth_type === 'oauth') {
			const { access, refresh } = await openSignIn(db, keyring, row);
			return refresh === undefined ? [access] : [access, refresh];
		}
		const { key, headers } = await openStoredCredential(db, keyring, row);
		const telling = Object.entries(headers).filter(([name]) => TELLING_HEADER.test(name));
		return [...(key === undefined ? [] : [key]), ...telling.map(([, value]) => value)];
	} catch (error) {
		// What doce cannot open it gives to no project either.
		if (error instanceof AppError) return [];
		throw error;
	}
}
