import {
	type ConnectionRow,
	DEMO_PROVIDER_ID,
	openSignIn,
	openStoredCredential,
	placeholderKey,
} from '../../auth/connections.ts';
import { checkDestination } from '../../auth/destinations.ts';
import type { Keyring } from '../../auth/keys/keyring.ts';
import { headerOf } from '../../auth/probes/targets.ts';
import { type Upstream, upstreamOf } from '../../auth/sealing/upstream.ts';
import type { Db } from '../../db/client.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { CatalogProvider } from '../../opencode/catalog.ts';
import { Secret } from '../../secret.ts';
import { budgetRefusal } from '../../usage/budgets.ts';
import { type Bearer, findBearer } from '../tokens.ts';
import { Refused } from '../wire/refusals.ts';
import type { Target } from '../wire/routes.ts';
import type { Calls } from './calls.ts';
import type { Directory } from './directory.ts';
import type { Dispatchers } from './dispatchers.ts';
import type { Ledger } from './ledger.ts';

/** Where a call came in: the port that all share, or the socket of one project. */
export type Door = { projectId: string | undefined };

/** What the gateway's process works with. */
export type GatewayGround = {
	db: Db;
	keyring: Keyring;
	logger: Logger;
	directory: Directory;
	dispatchers: Dispatchers;
	calls: Calls;
	ledger: Ledger;
	demoUrl: string;
	/** Whether a project has a socket of its own: then its tokens are good there alone. */
	hasSocket(projectId: string): boolean;
};

/** A call whose caller is known, and where it may go. */
export type Admitted = {
	token: Bearer['token'];
	connection: ConnectionRow;
	known: CatalogProvider | undefined;
	upstream: Upstream;
	/** The provider, in words. */
	name: string;
};

const ENDED = 'This project’s access to the provider has ended. Send the message again.';

/** Who calls, and where that leads: by the token's and the connection's rows as they stand now. Throws `Refused`. */
export async function admit(
	ground: GatewayGround,
	door: Door,
	{ connectionId, place }: Pick<Target, 'connectionId' | 'place'>,
	token: string | undefined,
): Promise<Admitted> {
	const bearer = token === undefined ? undefined : await findBearer(ground.db, token, Date.now());
	if (bearer === undefined || bearer.token.connection_id !== connectionId || !isAtItsDoor(ground, door, bearer))
		throw new Refused('token', ENDED);
	const { connection } = bearer;
	if (connection === undefined) throw new Refused('gone', 'The provider was disconnected.');
	if (!bearer.isGood) throw new Refused('token', ENDED);
	const known = await ground.directory.find(connection.provider_id);
	const upstream =
		connection.provider_id === DEMO_PROVIDER_ID
			? { ...DEMO, base: ground.demoUrl }
			: upstreamOf(known, connection, place);
	if (typeof upstream === 'string') throw new Refused('route', upstream);
	return { token: bearer.token, connection, known, upstream, name: known?.name ?? connection.provider_id };
}

/** The key and the connection's own headers, opened for this one call. Throws `Refused`. */
export async function openKey(
	{ db, keyring }: GatewayGround,
	row: ConnectionRow,
): Promise<{ key: Secret; headers: Record<string, Secret> }> {
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

/** Throws `Refused` when a budget is used up. */
export async function requireBudget({ db, ledger }: GatewayGround, { token, connection }: Admitted): Promise<void> {
	const spender = { projectId: token.project_id, connectionId: connection.id };
	if (ledger.isBehind(spender.projectId, spender.connectionId)) await ledger.settle();
	const refusal = await budgetRefusal(db, { ...spender, now: Date.now() });
	if (refusal !== undefined) throw new Refused('budget', refusal);
}

function isAtItsDoor({ hasSocket }: GatewayGround, door: Door, { token }: Bearer): boolean {
	return door.projectId === undefined ? !hasSocket(token.project_id) : door.projectId === token.project_id;
}

/** A part of this server, whose address no row holds. */
const DEMO: Omit<Upstream, 'base'> = {
	formats: ['chat-completions'],
	prefix: '',
	keyHeaderOf: headerOf,
	reportsUsage: true,
	allowPrivate: true,
};

/** Checked once more where it is used: a row that leads elsewhere than it may is not followed. Throws `Refused`. */
export function checkedUrl({ upstream, connection }: Admitted, suffix: string): URL {
	const address = upstream.base + suffix;
	if (connection.provider_id === DEMO_PROVIDER_ID) return new URL(address);
	try {
		return checkDestination(address, { allowPrivate: upstream.allowPrivate });
	} catch (error) {
		if (error instanceof AppError) throw new Refused('unreachable', `Cannot connect to API: ${error.message}`);
		throw error;
	}
}
