import type { Db } from '#server/db/client.ts';
import { type ConnectionRow, openSignIn } from '../connections.ts';
import type { Keyring } from '../keys/keyring.ts';
import { isLasting } from '../oauth/recipes.ts';
import type { SignIn } from '../oauth/signIn.ts';
import { probe } from '../probe.ts';
import { callProvider } from '../probes/call.ts';
import { accepted, outcomeOfFault, outcomeOfRefusal, type ProbeOutcome, untested } from '../probes/outcome.ts';
import type { ProbeTarget } from '../probes/targets.ts';
import type { Refresher } from './refresher.ts';
import { isOver } from './renew.ts';

type Deps = { db: Db; keyring: Keyring; refresher?: Refresher | undefined };

const COPILOT_TIMEOUT = 20_000;

/**
 * Tests a sign-in by using it, also one that was taken for expired: where it can be renewed, by that, since then
 * provider and doce agree on it; where it is
 * a key in all but name, as a key.
 */
export async function testSignIn(
	{ db, keyring, refresher }: Deps,
	row: ConnectionRow,
	target: ProbeTarget,
	signal?: AbortSignal,
): Promise<ProbeOutcome> {
	if (!isLasting(row.provider_id)) return testByRenewal(refresher, row, target.providerName);
	if (isOver(row, Date.now())) return ended(target.providerName);
	const signIn = await openSignIn(db, keyring, row);
	const outcome =
		row.provider_id === 'github-copilot'
			? await askCopilot(signIn, target.providerName, signal)
			: await probe({ target, key: signIn.access, placeholder: '', signal });
	return outcome.reason === 'key_rejected' ? ended(target.providerName) : outcome;
}

async function testByRenewal(
	refresher: Refresher | undefined,
	row: ConnectionRow,
	name: string,
): Promise<ProbeOutcome> {
	if (refresher === undefined) return untested('This sign-in cannot be tested here.');
	const { kind, message = '' } = await refresher.renew(row.id, { early: true });
	if (kind === 'renewed') return accepted(`${name} renewed the sign-in.`);
	if (kind === 'ended') return ended(name);
	return { ok: false, status: row.status, reason: 'unreachable', message: message || 'No answer.', skippable: true };
}

function ended(name: string): ProbeOutcome {
	const message = `${name} does not accept this sign-in any more. Sign in again.`;
	return { ok: false, status: 'expired', reason: 'sign_in_expired', message, skippable: false };
}

/** Copilot's list of models needs the account, and costs nothing. */
async function askCopilot(signIn: SignIn, name: string, signal: AbortSignal | undefined): Promise<ProbeOutcome> {
	const host = signIn.enterpriseUrl?.replace(/^https?:\/\//, '').replace(/\/$/, '');
	const url = new URL(
		host === undefined ? 'https://api.githubcopilot.com/models' : `https://copilot-api.${host}/models`,
	);
	const headers = { authorization: `Bearer ${signIn.access.reveal()}`, 'x-github-api-version': '2026-06-01' };
	const call = { url, method: 'GET' as const, headers, allowPrivate: false, timeoutMs: COPILOT_TIMEOUT, signal };
	const reply = await callProvider(call);
	if (reply.kind === 'fault') return outcomeOfFault(reply);
	if (reply.status >= 300) return outcomeOfRefusal(reply, name, [signIn.access]);
	return accepted(`${name} accepts the sign-in.`);
}
