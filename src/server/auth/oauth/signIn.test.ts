import { expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { findRecipe, SIGN_INS } from './recipes.ts';
import { accountOf, forProject, fromOpenCode, fromStored, type SignIn, toStored } from './signIn.ts';
import { userCodeIn } from './words.ts';

const token = (claims: object) =>
	new Secret(`h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`);
const signIn = (more: Partial<SignIn> = {}): SignIn => ({
	type: 'oauth',
	access: new Secret('at-1'),
	refresh: new Secret('rt-1'),
	expires: 1_800_000_000_000,
	accountId: 'acct-1',
	enterpriseUrl: undefined,
	...more,
});
const shown = (providerId: string) => {
	const auth = forProject(signIn(), providerId);
	if (auth.type === 'api') return { key: auth.key.reveal() };
	return { ...auth, access: auth.access.reveal(), refresh: auth.refresh.reveal() };
};

test('a project gets the access token, no refresh token, and an end so far away that it never asks for more', () => {
	for (const id of ['openai', 'xai', 'gitlab', 'snowflake-cortex']) {
		expect(shown(id)).toMatchObject({ type: 'oauth', access: 'at-1', refresh: '', accountId: 'acct-1' });
		expect(shown(id)).toHaveProperty('expires', Date.parse('2100-01-01T00:00:00Z'));
	}
});

test('where the token is a key in all but name it is delivered as one, and Copilot gets its lasting token', () => {
	expect(shown('poe')).toEqual({ key: 'at-1' });
	expect(shown('digitalocean')).toEqual({ key: 'at-1' });
	expect(shown('github-copilot')).toMatchObject({ access: 'at-1', refresh: 'rt-1', expires: 0 });
});

test('what OpenCode stored is kept; an end that is none becomes none', () => {
	const common = { type: 'oauth' as const, access: new Secret('a'), accountId: undefined, enterpriseUrl: undefined };
	const copilot = fromOpenCode({ ...common, refresh: new Secret('a'), expires: 0 });
	expect(copilot).toMatchObject({ expires: null });
	const poe = fromOpenCode({ ...common, refresh: new Secret('a'), expires: Number.MAX_SAFE_INTEGER });
	expect(poe.expires).toBeNull();
	const ocean = fromOpenCode({ type: 'api', key: new Secret('do-1'), metadata: { oauth_expires: '1800000000000' } });
	expect([ocean.access.reveal(), ocean.refresh, ocean.expires]).toEqual(['do-1', undefined, 1_800_000_000_000]);
	const again = fromStored(toStored(signIn()));
	expect([again.access.reveal(), again.refresh?.reveal(), again.expires]).toEqual(['at-1', 'rt-1', 1_800_000_000_000]);
});

test('the account’s name is read in a token that says one', () => {
	expect(accountOf([undefined, new Secret('opaque'), token({ email: 'ada@example.com' })])).toBe('ada@example.com');
	expect(accountOf([token({ 'https://api.openai.com/profile': { email: 'ada@openai.example' } })])).toBe(
		'ada@openai.example',
	);
	expect(accountOf([token({ login: 'ada' })])).toBe('ada');
	expect(accountOf([token({ email: 5 }), new Secret('a.!!!.b'), new Secret('')])).toBeNull();
});

test('the code to type is found in the built-in providers’ instructions, and in no other words', () => {
	expect(userCodeIn('Enter code: ABCD-1234')).toBe('ABCD-1234');
	expect(userCodeIn('Open https://x.ai/device on any device and enter code: WXYZ-9')).toBe('WXYZ-9');
	expect(userCodeIn('Copy the code that the page shows')).toBeUndefined();
	expect(userCodeIn('Complete authorization in your browser. This window will close automatically.')).toBeUndefined();
});

test('what nobody could keep alive, or may not be used here, is refused with the reason', () => {
	expect(findRecipe('azure', SIGN_INS)).toMatchObject({ refused: expect.stringContaining('Azure CLI') });
	expect(findRecipe('anthropic', SIGN_INS)).toMatchObject({ refused: expect.stringContaining('does not allow') });
	expect(findRecipe('constructor', SIGN_INS)).toMatchObject({
		refused: expect.stringContaining('keep this sign-in alive'),
	});
});

test('a ChatGPT subscription has some of the models, and Copilot of a company another address', () => {
	const has = (id: string) => SIGN_INS['openai']?.serves?.(id);
	expect(['gpt-5.4', 'gpt-5.5', 'gpt-5.6-luna', 'gpt-6-sol', 'gpt-5.3-codex-spark'].map(has)).not.toContain(false);
	expect(['gpt-4.1', 'gpt-5', 'gpt-5.4-pro', 'gpt-5.5-pro', 'gpt-5.6', 'o3', 'gpt-image-2'].map(has)).not.toContain(
		true,
	);
	const setup = SIGN_INS['github-copilot']?.setup;
	expect(setup?.({})).toEqual({ npm: '@ai-sdk/github-copilot' });
	expect(setup?.({ enterpriseUrl: 'https://company.ghe.com' }).api).toBe('https://copilot-api.company.ghe.com');
});
