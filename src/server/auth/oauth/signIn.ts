import { z } from 'zod';
import { Secret } from '#server/secret.ts';
import type { OpenCodeAuth } from '../../opencode/client.ts';
import type { SignedIn } from '../../opencode/errand/signInServer.ts';
import { SIGN_INS } from './recipes.ts';

/** The secret of a connection that a person signed in to. */
export type SignIn = {
	type: 'oauth';
	access: Secret;
	/** Undefined where the provider gave none. */
	refresh: Secret | undefined;
	/** Epoch ms; null where it does not end by itself. */
	expires: number | null;
	accountId: string | undefined;
	enterpriseUrl: string | undefined;
};

/** What the columns hold of a connection that nobody signed in to. */
export const NO_SIGN_IN = {
	oauth_expires_at: null,
	oauth_account: null,
	oauth_renew_at: null,
	oauth_claim: null,
	oauth_refusals: 0,
};

/** A sign-in as it stands inside a sealed text. */
export const storedSignIn = z.object({
	type: z.literal('oauth'),
	access: z.string(),
	refresh: z.string(),
	expires: z.number().nullable(),
	accountId: z.string().optional(),
	enterpriseUrl: z.string().optional(),
});
type StoredSignIn = z.infer<typeof storedSignIn>;

/** A later expiry than this one (the year 2100) is none, in ms. */
const NEVER = 4_102_444_800_000;

export function toStored(signIn: SignIn): StoredSignIn {
	const { access, refresh, expires, accountId, enterpriseUrl } = signIn;
	return {
		type: 'oauth',
		access: access.reveal(),
		refresh: refresh?.reveal() ?? '',
		expires,
		...(accountId !== undefined && { accountId }),
		...(enterpriseUrl !== undefined && { enterpriseUrl }),
	};
}

export function fromStored(stored: StoredSignIn): SignIn {
	const { access, refresh, expires, accountId, enterpriseUrl } = stored;
	return {
		type: 'oauth',
		access: new Secret(access),
		refresh: refresh === '' ? undefined : new Secret(refresh),
		expires,
		accountId,
		enterpriseUrl,
	};
}

/** What OpenCode stored at the end of a sign-in, as a connection keeps it. */
export function fromOpenCode(found: SignedIn): SignIn {
	if (found.type === 'api') {
		const expires = Number(found.metadata['oauth_expires']);
		return {
			type: 'oauth',
			access: found.key,
			refresh: undefined,
			expires: ending(expires),
			accountId: undefined,
			enterpriseUrl: undefined,
		};
	}
	const { refresh } = found;
	return { ...found, refresh: refresh.reveal() === '' ? undefined : refresh, expires: ending(found.expires) };
}

function ending(expires: number): number | null {
	return Number.isFinite(expires) && expires > 0 && expires < NEVER ? Math.round(expires) : null;
}

/**
 * A sign-in as a project's OpenCode takes it: nothing in it can be refreshed there. A provider without a recipe is one
 * that only a test knows.
 */
export function forProject(signIn: SignIn, providerId: string): OpenCodeAuth {
	const { access, refresh, accountId, enterpriseUrl } = signIn;
	const way = SIGN_INS[providerId]?.forProject ?? 'access';
	if (way === 'key') return { type: 'api', key: access };
	const end =
		way === 'whole' ? { refresh: refresh ?? access, expires: 0 } : { refresh: new Secret(''), expires: NEVER };
	return { type: 'oauth', access, ...end, accountId, enterpriseUrl };
}

const profile = z.object({ email: z.string().optional() }).optional();
const claims = z.object({
	email: z.string().optional(),
	preferred_username: z.string().optional(),
	login: z.string().optional(),
	'https://api.openai.com/profile': profile.catch(undefined),
});

/** The account's name by the claims of a token, where the token is a JWT that says one. Read, not trusted: it is shown. */
export function accountOf(tokens: readonly (Secret | undefined)[]): string | null {
	for (const token of tokens) {
		const found = claims.safeParse(payloadOf(token?.reveal() ?? ''));
		if (!found.success) continue;
		const { email, preferred_username: username, login } = found.data;
		const name = email ?? found.data['https://api.openai.com/profile']?.email ?? login ?? username;
		if (name !== undefined && name.trim() !== '') return name.trim().slice(0, 60);
	}
	return null;
}

function payloadOf(token: string): unknown {
	const [, payload = '', signature] = token.split('.');
	if (signature === undefined) return undefined;
	try {
		return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
