import {
	type ConnectionRow,
	DEMO_PROVIDER_ID,
	openSignIn,
	openStoredCredential,
	placeholderKey,
} from '#server/auth/connections.ts';
import { checkDestination } from '#server/auth/destinations.ts';
import type { Keyring } from '#server/auth/keys/keyring.ts';
import { headerOf } from '#server/auth/probes/targets.ts';
import { type Upstream, upstreamOf } from '#server/auth/sealing/upstream.ts';
import type { Db } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { CatalogProvider } from '#server/opencode/catalog.ts';
import { Secret } from '#server/secret.ts';
import { Refused } from '../../wire/refusals.ts';

/** Where a connection's calls go, and what they carry that their caller must not see. */
export type Way = {
	upstream: Upstream;
	origin: string;
	/** What stands in front of every path there. */
	path: string;
	key: Secret;
	/** The connection's own headers. */
	headers: Record<string, Secret>;
	/** True for the scripted demo, which is a part of this server. */
	isOurs: boolean;
};

type Wanted = { row: ConnectionRow; known: CatalogProvider | undefined; place: string };

/** The ways to providers, each kept for as long as the row and the catalogue say the same. */
export type Ways = {
	/** Throws `Refused` where there is none: the key does not open, or the row leads where it may not. */
	find(wanted: Wanted): Promise<Way>;
	/** Lets go of what it keeps of a connection. */
	forget(connectionId: string): void;
};

type Kept = { connectionId: string; stamp: string; known: CatalogProvider | undefined; way: Way };

/** So many are kept. */
const MOST_KEPT = 200;

export function createWays({ db, keyring, demoUrl }: { db: Db; keyring: Keyring; demoUrl: string }): Ways {
	const kept = new Map<string, Kept>();

	async function make({ row, known, place }: Wanted): Promise<Way> {
		const isOurs = row.provider_id === DEMO_PROVIDER_ID;
		const upstream = isOurs ? { ...DEMO, base: demoUrl } : upstreamOf(known, row, place);
		if (typeof upstream === 'string') throw new Refused('route', upstream);
		const { origin, pathname } = isOurs ? new URL(upstream.base) : checked(upstream);
		const path = pathname === '/' ? '' : pathname;
		return { upstream, origin, path, isOurs, ...(await openKey(db, keyring, row)) };
	}

	return {
		async find(wanted) {
			const { row, known, place } = wanted;
			const id = row.id + place;
			const stamp = stampOf(row);
			const mine = kept.get(id);
			if (mine?.stamp === stamp && mine.known === known) return mine.way;
			kept.delete(id);
			const way = await make(wanted);
			const [oldest] = kept.keys();
			if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
			kept.set(id, { connectionId: row.id, stamp, known, way });
			return way;
		},
		forget(connectionId) {
			for (const [id, { connectionId: whose }] of kept) if (whose === connectionId) kept.delete(id);
		},
	};
}

/** A part of this server, whose address no row holds. */
const DEMO: Omit<Upstream, 'base'> = {
	formats: ['chat-completions'],
	prefix: '',
	keyHeaderOf: headerOf,
	reportsUsage: true,
	allowPrivate: true,
};

/** All of the row that decides where calls go and with what: with any of it changed the way is found anew. */
function stampOf(row: ConnectionRow): string {
	const { user_id, provider_id, auth_type, sealed_credential, base_url, metadata } = row;
	return [user_id, provider_id, auth_type, sealed_credential, base_url, metadata].join('\n');
}

/** Checked once more where it is used: a row that leads elsewhere than it may is not followed. */
function checked({ base, allowPrivate }: Upstream): URL {
	try {
		return checkDestination(base, { allowPrivate });
	} catch (error) {
		if (error instanceof AppError) throw new Refused('unreachable', `Cannot connect to API: ${error.message}`);
		throw error;
	}
}

async function openKey(db: Db, keyring: Keyring, row: ConnectionRow): Promise<Pick<Way, 'key' | 'headers'>> {
	try {
		if (row.auth_type === 'oauth') return { key: (await openSignIn(db, keyring, row)).access, headers: {} };
		const { key, headers } = await openStoredCredential(db, keyring, row);
		return { key: key ?? new Secret(placeholderKey(row.provider_id)), headers };
	} catch (error) {
		// Which files and keys are missing is for the person in Settings, not for whoever is in the project.
		if (error instanceof AppError) throw new Refused('locked', 'The stored key cannot be used. Settings says why.');
		throw error;
	}
}
