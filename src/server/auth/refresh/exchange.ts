import { z } from 'zod';
import { Secret } from '#server/secret.ts';
import type { Renewal } from '../oauth/recipes.ts';
import type { SignIn } from '../oauth/signIn.ts';
import { callProvider } from '../probes/call.ts';

/** What became of one request for new tokens. */
export type Exchange =
	| { kind: 'renewed'; signIn: SignIn; idToken: Secret | undefined }
	/** The provider has ended the sign-in: only the person can begin another. */
	| { kind: 'ended' }
	/** The provider refuses, in words that do not say for good: a fault of its own, or an end after all. */
	| { kind: 'refused'; message: string }
	/** It may work later. `message` names the fault. */
	| { kind: 'trouble'; message: string };

/** The tokens are lost when the answer is: it is waited for as long as any network would take, in ms. */
const TIMEOUT = 60_000;
/** What is taken for a token's life where the provider names none, in seconds. */
const USUAL_LIFE = 3_600;

/** Asks for new tokens, once: a refresh token may be good for a single use. */
export async function exchange(signIn: SignIn, renewal: Renewal, now: () => number = Date.now): Promise<Exchange> {
	const { refresh } = signIn;
	if (refresh === undefined) return { kind: 'ended' };
	const { clientId, basic = false, allowPrivate = false } = renewal;
	const url = new URL(fill(renewal.tokenUrl, signIn));
	const form = { grant_type: 'refresh_token', refresh_token: refresh.reveal(), client_id: clientId };
	const reply = await callProvider({
		url,
		method: 'POST',
		headers: {
			'content-type': 'application/x-www-form-urlencoded',
			...(basic && { authorization: `Basic ${Buffer.from(`${clientId}:${clientId}`).toString('base64')}` }),
		},
		body: new URLSearchParams(form).toString(),
		allowPrivate,
		timeoutMs: TIMEOUT,
	});
	if (reply.kind === 'fault') return { kind: 'trouble', message: reply.message };
	const body = parse(reply.text);
	if (reply.status >= 300) return refused(reply.status, body, url.host);
	const tokens = granted.safeParse(body);
	if (!tokens.success) return { kind: 'trouble', message: `${url.host} answered with something that is no token.` };
	return { kind: 'renewed', ...renewed(signIn, tokens.data, now()) };
}

const granted = z.object({
	access_token: z.string().min(1),
	refresh_token: z.string().min(1).optional(),
	id_token: z.string().optional(),
	expires_in: z.coerce.number().positive().optional(),
});

function renewed(old: SignIn, tokens: z.infer<typeof granted>, now: number) {
	const signIn: SignIn = {
		...old,
		access: new Secret(tokens.access_token),
		// A provider that sends no new one means that the old one stays good.
		refresh: tokens.refresh_token === undefined ? old.refresh : new Secret(tokens.refresh_token),
		expires: now + (tokens.expires_in ?? USUAL_LIFE) * 1000,
	};
	return { signIn, idToken: tokens.id_token === undefined ? undefined : new Secret(tokens.id_token) };
}

/** By OAuth's own word, and by those of providers that use others. */
const ENDED =
	/^(invalid_grant|token_expired|expired_token|access_denied|refresh_token_(expired|reused|invalidated|revoked)|invalid_refresh_token)$/;
/** Too slow, too early, too often. */
const PASSING = new Set([408, 425, 429]);
const refusal = z.object({
	error: z.union([z.string(), z.object({ code: z.string().nullish(), type: z.string().nullish() })]).optional(),
	code: z.string().optional(),
});

function refused(status: number, body: unknown, host: string): Exchange {
	const { error, code } = refusal.safeParse(body).data ?? {};
	const words = typeof error === 'string' ? [error, code] : [error?.code, error?.type, code];
	const message = `${host} did not renew the sign-in (${status}).`;
	if (status >= 500 || PASSING.has(status)) return { kind: 'trouble', message };
	return words.some((word) => ENDED.test(word ?? '')) ? { kind: 'ended' } : { kind: 'refused', message };
}

function fill(template: string, signIn: SignIn): string {
	return template.replace(
		/\{(accountId|enterpriseUrl)\}/g,
		(_, name: 'accountId' | 'enterpriseUrl') => signIn[name] ?? '',
	);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
