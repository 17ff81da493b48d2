import type { ConnectionRow } from '../../auth/connections.ts';
import type { Db } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { CatalogProvider } from '../../opencode/catalog.ts';
import type { Hold, Holds } from '../../usage/holds.ts';
import { type Bearer, findBearer } from '../tokens.ts';
import { Refused } from '../wire/refusals.ts';
import type { Target } from '../wire/routes.ts';
import type { Calls } from './calls.ts';
import type { Directory } from './directory.ts';
import type { Ledger } from './ledger.ts';
import type { Dispatchers } from './provider/dispatchers.ts';
import type { Way, Ways } from './provider/ways.ts';

/** Where a call came in: the port that all share, or the socket of one project. */
export type Door = { projectId: string | undefined };

/** What the gateway's process works with. */
export type GatewayGround = {
	db: Db;
	logger: Logger;
	directory: Directory;
	ways: Ways;
	dispatchers: Dispatchers;
	calls: Calls;
	ledger: Ledger;
	holds: Holds;
	/** Whether a project has a socket of its own: then its tokens are good there alone. */
	hasSocket(projectId: string): boolean;
};

/** A call whose caller is known, and where it may go. */
export type Admitted = {
	token: Bearer['token'];
	connection: ConnectionRow;
	known: CatalogProvider | undefined;
	way: Way;
	/** The provider, in words. */
	name: string;
};

const ENDED = 'This project’s access to the provider has ended. Send the message again.';

/** Who calls, and where that leads: by the token's and the connection's rows as they stand now. Throws `Refused`. */
export async function admit(
	ground: GatewayGround,
	door: Door,
	{ connectionId, place }: Pick<Target, 'connectionId' | 'place'>,
	shown: string | undefined,
): Promise<Admitted> {
	const bearer = shown === undefined ? undefined : await findBearer(ground.db, shown, Date.now());
	if (bearer === undefined || bearer.token.connection_id !== connectionId || !isAtItsDoor(ground, door, bearer))
		throw new Refused('token', ENDED);
	const { token, connection } = bearer;
	if (connection === undefined) throw new Refused('gone', 'The provider was disconnected.');
	if (!bearer.isGood) throw new Refused('token', ENDED);
	const known = await ground.directory.find(connection.provider_id);
	const way = await ground.ways.find({ row: connection, known, place });
	return { token, connection, known, way, name: known?.name ?? connection.provider_id };
}

/**
 * Holds what a call may cost until it is released. Throws `Refused` when a budget is used up, or may be by calls under
 * way. What is not noted yet counts too.
 */
export async function requireBudget({ db, ledger, holds }: GatewayGround, hold: Hold): Promise<void> {
	if (!(await ledger.isLimited())) return holds.take(hold);
	const withheld = await holds.takeIfRoom(db, hold, async () => {
		if (ledger.isBehind(hold.projectId, hold.connectionId)) await ledger.settle();
	});
	if (withheld === undefined) return;
	throw new Refused(withheld.kind === 'used_up' ? 'budget' : 'limit', withheld.message);
}

function isAtItsDoor({ hasSocket }: GatewayGround, door: Door, { token }: Bearer): boolean {
	return door.projectId === undefined ? !hasSocket(token.project_id) : door.projectId === token.project_id;
}
