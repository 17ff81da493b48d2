import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { readPlain } from '#server/plainFiles.ts';
import { Secret } from '#server/secret.ts';
import { openCodeFiles } from '../server.ts';

/** Of the types `api`, `oauth` and `wellknown`. */
export const SECRET_FIELDS = ['key', 'access', 'refresh', 'token'] as const;
/** The values of extra headers; a shorter one is a word, and no secret. */
export const SHORTEST_HEADER = 16;
/** A project's own agent writes these files, too: so much of each is read, in bytes, and so many secrets are found. */
const [MOST_BYTES, MOST_SECRETS] = [4 * 1024 * 1024, 64];

const storedCredential = z.record(z.string(), z.unknown());
const configuredProvider = z.object({ options: z.object({ headers: z.record(z.string(), z.unknown()) }) });

/** Removes the credentials that OpenCode keeps. It must not be running: it would write them again. */
export async function removeStoredCredentials(home: string): Promise<void> {
	await rm(openCodeFiles(home).credentials, { force: true, recursive: true });
}

/** Whether OpenCode's file of credentials has one for this provider. */
export async function holdsStoredCredential(home: string, providerId: string): Promise<boolean> {
	return Object.hasOwn(entriesOf(await readJson(openCodeFiles(home).credentials)), providerId);
}

/**
 * Every secret that OpenCode keeps, of its credentials and of its configured headers: what must not be seen elsewhere.
 * What its project has made unreadable holds none.
 */
export async function readStoredSecrets(home: string): Promise<Secret[]> {
	const { credentials, configFile } = openCodeFiles(home);
	const keys = Object.values(entriesOf(await readJson(credentials))).flatMap(keysOf);
	const { provider } = entriesOf(await readJson(configFile));
	const headers = Object.values(entriesOf(provider)).flatMap(headersOf);
	return [...keys, ...headers].slice(0, MOST_SECRETS).map((each) => new Secret(each));
}

function keysOf(entry: unknown): string[] {
	const fields = entriesOf(entry);
	return SECRET_FIELDS.map((name) => fields[name]).filter((value) => typeof value === 'string');
}

function headersOf(provider: unknown): string[] {
	const headers = configuredProvider.safeParse(provider).data?.options.headers ?? {};
	const texts = Object.values(headers).filter((value) => typeof value === 'string');
	return texts.filter(({ length }) => length >= SHORTEST_HEADER);
}

function entriesOf(value: unknown): Record<string, unknown> {
	return storedCredential.safeParse(value).data ?? {};
}

async function readJson(file: string): Promise<unknown> {
	const text = await readPlain(file, MOST_BYTES);
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
