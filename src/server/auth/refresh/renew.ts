import { recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import { isWorkerGone, workerId } from '#server/queue/workerId.ts';
import { type ConnectionRow, findConnection, openSignIn, sealCredential } from '../connections.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Renewal } from '../oauth/recipes.ts';
import { accountOf } from '../oauth/signIn.ts';
import { reportStatus } from '../status.ts';
import { type Exchange, exchange } from './exchange.ts';
import { enqueueRenewal, renewAt } from './schedule.ts';

/** How long a claim counts whose process cannot be judged from here, in ms: longer than a renewal may take. */
const CLAIM_LIFE = 120_000;

/** After so many refusals in a row, whatever their words, a sign-in is taken to have ended. */
export const MOST_REFUSALS = 3;

/** What came of a try: `claimed` is another process at work, `gone` a connection that is no sign-in any more. */
type Renewed = Exclude<Exchange['kind'], 'refused'> | 'claimed' | 'gone';
export type RenewalOutcome = { kind: Renewed; message?: string };

/** Whether another process renews this sign-in at the moment. */
export function isClaimed({ oauth_claim: claim }: Pick<ConnectionRow, 'oauth_claim'>, now: number): boolean {
	if (claim === null) return false;
	const since = Number(claim.slice(claim.lastIndexOf('/') + 1));
	return now - since < CLAIM_LIFE && !isWorkerGone(claim);
}

/**
 * Renews one sign-in: claims it, asks once, and stores what came, with the job that brings it to the projects, in one
 * transaction. It runs in a process of its own, so that a kill of doce loses no tokens; at any time one process asks.
 */
export async function renew(
	db: Db,
	keyring: Keyring,
	{ connectionId, renewAt: expected, renewal }: { connectionId: string; renewAt: number | null; renewal: Renewal },
): Promise<RenewalOutcome> {
	const claimed = await claim(db, connectionId, expected);
	if (typeof claimed === 'string') return { kind: claimed };
	try {
		const result = await exchange(await openSignIn(db, keyring, claimed), renewal);
		if (result.kind === 'renewed') await store(db, keyring, claimed, result);
		if (result.kind === 'ended') await markEnded(db, claimed);
		if (result.kind === 'refused') return await countRefusal(db, claimed, result.message);
		return result.kind === 'trouble' ? { kind: 'trouble', message: result.message } : { kind: result.kind };
	} finally {
		await release(db, claimed);
	}
}

async function claim(
	db: Db,
	connectionId: string,
	expected: number | null,
): Promise<ConnectionRow | 'claimed' | 'gone' | 'renewed'> {
	const now = Date.now();
	const oauth_claim = `${workerId()}/${now}`;
	return inTransaction(db, async (tx) => {
		const row = await findConnection(tx, connectionId);
		if (row?.auth_type !== 'oauth') return 'gone';
		if (isClaimed(row, now)) return 'claimed';
		// Somebody was faster: the tokens that were to be renewed are old ones.
		if (row.oauth_renew_at !== expected) return 'renewed';
		await tx.updateTable('provider_connections').set({ oauth_claim }).where('id', '=', row.id).execute();
		return { ...row, oauth_claim };
	});
}

async function store(db: Db, keyring: Keyring, row: ConnectionRow, got: Exchange & { kind: 'renewed' }): Promise<void> {
	const { signIn, idToken } = got;
	const now = Date.now();
	const renewed = {
		sealed_credential: sealCredential(keyring, row, signIn),
		oauth_expires_at: signIn.expires,
		oauth_renew_at: renewAt(signIn, true, now),
		oauth_account: row.oauth_account ?? accountOf([idToken, signIn.access]),
		oauth_refusals: 0,
	};
	await inTransaction(db, async (tx) => {
		// Signed in to again, or disconnected, meanwhile: these tokens are nobody's.
		if (!(await change(tx, row, renewed))) return;
		// The version stays: what is known of the account is true of its new tokens, too.
		if (isCuredByRenewal(row, now)) await reportStatus(tx, row, undefined);
		await enqueue(tx, { type: 'oauth.push', payload: { connectionId: row.id, since: now }, userId: row.user_id });
		await enqueueRenewal(tx, { ...row, ...renewed });
		await audit(tx, row, 'connection.renewed', { seconds: Math.round(((signIn.expires ?? now) - now) / 1000) });
	});
}

function isCuredByRenewal(row: ConnectionRow, now: number): boolean {
	if (row.reason === 'unreachable') return isOver(row, now);
	return row.reason === 'sign_in_expired' || row.reason === 'key_rejected';
}

/** Whether its token has come to its end. */
export function isOver({ oauth_expires_at: end }: Pick<ConnectionRow, 'oauth_expires_at'>, now: number): boolean {
	return end !== null && end <= now;
}

/** The last one ends it, but a person's test asks once more: a fault of the provider's would pass. */
async function countRefusal(db: Db, row: ConnectionRow, message: string): Promise<RenewalOutcome> {
	const oauth_refusals = row.oauth_refusals + 1;
	await change(db, row, { oauth_refusals });
	if (oauth_refusals < MOST_REFUSALS) return { kind: 'trouble', message };
	await markEnded(db, row, `${message} Sign in again.`);
	return { kind: 'ended' };
}

/** The provider will not renew it: the projects' tokens end, and the person has to sign in again. */
export async function markEnded(
	db: Db,
	row: ConnectionRow,
	message = 'The provider ended this sign-in. Sign in again.',
): Promise<void> {
	await inTransaction(db, async (tx) => {
		if (!(await change(tx, row, { oauth_renew_at: null }))) return;
		await reportStatus(tx, row, { reason: 'sign_in_expired', message });
		await audit(tx, row, 'connection.signInEnded', {});
	});
}

/** Writes to the row as it was claimed. Returns whether that still is the one. */
async function change(tx: Db, row: ConnectionRow, values: Partial<ConnectionRow>): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable('provider_connections')
		.set({ ...values, updated_at: Date.now() })
		.where('id', '=', row.id)
		.where('version', '=', row.version)
		.where('oauth_claim', row.oauth_claim === null ? 'is' : '=', row.oauth_claim)
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}

async function release(db: Db, row: ConnectionRow): Promise<void> {
	await db
		.updateTable('provider_connections')
		.set({ oauth_claim: null })
		.where('id', '=', row.id)
		.where('oauth_claim', '=', row.oauth_claim)
		.execute();
}

async function audit(tx: Db, row: ConnectionRow, action: string, facts: Record<string, number>): Promise<void> {
	const detail = { providerId: row.provider_id, label: row.label, ...facts };
	await recordAudit(tx, { actor: 'doce', userId: row.user_id, action, connectionId: row.id, detail });
}
