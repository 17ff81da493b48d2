import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import type { SignedIn } from '../../opencode/errand/signInServer.ts';
import { type Person, tellOfChange, welcomeConnection } from '../connectionChanges.ts';
import { type ConnectionRow, getConnection, listConnections, sealCredential } from '../connections.ts';
import type { Keyring } from '../keys/keyring.ts';
import { canRenew, enqueueRenewal, renewAt } from '../refresh/schedule.ts';
import { type AttemptDetail, type AttemptRow, detailOf, endAttempt } from './attempts.ts';
import type { SignInRecipes } from './recipes.ts';
import { accountOf, fromOpenCode, type SignIn } from './signIn.ts';

type Deps = { db: Db; keyring: Keyring; recipes: SignInRecipes };

/**
 * Seals what a sign-in brought into a connection: that of the attempt, or of the same account, or a new one. The row,
 * the attempt's end and the jobs that follow come to be together. Undefined when the attempt had ended meanwhile: then
 * nobody waits for these tokens any more.
 */
export async function finishSignIn(
	{ db, keyring, recipes }: Deps,
	attempt: AttemptRow,
	found: SignedIn,
): Promise<ConnectionRow | undefined> {
	const signIn = fromOpenCode(found);
	const detail = detailOf(attempt);
	const person: Person = { id: attempt.user_id, role: 'member', actor: detail.actor };
	const account = accountOf([signIn.access, signIn.refresh]) ?? signIn.accountId ?? null;
	const renew = renewAt(signIn, canRenew(attempt.provider_id, recipes), Date.now());
	return inTransaction(db, async (tx) => {
		const known = await listConnections(tx, person.id);
		const own = known.filter((row) => row.provider_id === attempt.provider_id);
		const old = connectionFor(own, detail, account);
		const id = old?.id ?? newId();
		if (!(await endAttempt(tx, attempt.id, { state: 'connected', connectionId: id }))) return undefined;
		const values = signedInColumns(keyring, { id, attempt, detail, signIn, account, renew });
		if (old === undefined)
			await insert(tx, values, { label: freeLabel(own, detail.label ?? account), isFirst: own.length === 0 });
		else await update(tx, values, old, detail.label);
		await welcomeConnection(tx, person, attempt.provider_id);
		const row = await getConnection(tx, person.id, id);
		await tellOfChange(tx, person, old === undefined ? 'connection.connected' : 'connection.signedIn', row, {
			method: detail.title,
			account,
			delivery: row.delivery,
			authType: 'oauth',
		});
		await enqueueRenewal(tx, row);
		return row;
	});
}

/**
 * The connection of the same account; else the one to sign in to again. Where the provider names no account, an expired
 * one is taken to be meant.
 */
function connectionFor(
	own: ConnectionRow[],
	{ connectionId }: AttemptDetail,
	account: string | null,
): ConnectionRow | undefined {
	const signIns = own.filter((row) => row.auth_type === 'oauth');
	const sameAccount = signIns.find((row) => account !== null && row.oauth_account === account);
	const nameless = signIns.find((row) => row.status === 'expired' && row.oauth_account === null);
	return sameAccount ?? signIns.find((row) => row.id === connectionId) ?? (account === null ? nameless : undefined);
}

type Facts = {
	id: string;
	attempt: AttemptRow;
	detail: AttemptDetail;
	signIn: SignIn;
	account: string | null;
	renew: number | null;
};

function signedInColumns(keyring: Keyring, { id, attempt, detail, signIn, account, renew }: Facts) {
	const metadata = JSON.stringify({ custom: null, fields: detail.inputs });
	const identity = { id, user_id: attempt.user_id, provider_id: attempt.provider_id, base_url: null, metadata };
	return {
		...identity,
		auth_type: 'oauth' as const,
		sealed_credential: sealCredential(keyring, identity, signIn),
		api_key_hash: null,
		last_four: null,
		status: 'connected' as const,
		reason: null,
		error_message: null,
		retry_at: null,
		problem_at: null,
		problem_project_id: null,
		trouble_count: 0,
		oauth_expires_at: signIn.expires,
		oauth_account: account,
		oauth_renew_at: renew,
		// Whoever renews the old sign-in at this moment finds its claim gone, and lets go of what it got.
		oauth_claim: null,
		oauth_refusals: 0,
		updated_at: Date.now(),
	};
}

type Columns = ReturnType<typeof signedInColumns>;

async function insert(tx: Db, values: Columns, { label, isFirst }: { label: string; isFirst: boolean }): Promise<void> {
	const now = values.updated_at;
	const rest = { delivery: 'direct' as const, active: isFirst ? 1 : 0, position: now, version: 1, created_at: now };
	await tx
		.insertInto('provider_connections')
		.values({ ...values, ...rest, label })
		.execute();
}

async function update(tx: Db, values: Columns, old: ConnectionRow, label: string | undefined): Promise<void> {
	await tx
		.updateTable('provider_connections')
		.set({ ...values, label: label ?? old.label, version: old.version + 1 })
		.where('id', '=', old.id)
		.execute();
}

/** The wanted label, numbered where another connection of the provider has it. */
function freeLabel(own: ConnectionRow[], wanted: string | null): string {
	const base = wanted ?? 'Default';
	const taken = new Set(own.map((row) => row.label));
	for (let number = 1; ; number++) {
		const label = number === 1 ? base : `${base} ${number}`;
		if (!taken.has(label)) return label;
	}
}
