import { expect, test } from 'vitest';
import type { CatalogProvider } from '../../opencode/catalog.ts';
import type { Resolve } from '../probes/call.ts';
import { ADA } from '../testing/fixture.ts';
import { planSignIn } from './begin.ts';
import type { SignInDeps } from './liveAttempt.ts';
import { SIGN_INS } from './recipes.ts';

const GITLAB = {
	id: 'gitlab',
	name: 'GitLab Duo',
	authMethods: [
		{
			type: 'oauth',
			label: 'GitLab OAuth',
			prompts: [{ type: 'text', key: 'instanceUrl', message: 'GitLab instance URL' }],
		},
	],
} as unknown as CatalogProvider;

/** A name server that says what the test wants, and what it was asked for; without addresses it knows nothing. */
function nameServer(...addresses: string[]) {
	const asked: string[] = [];
	const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
	const resolve = ((name: string, _: unknown, done: (error: Error | null, all: typeof found) => void) => {
		asked.push(name);
		done(found.length === 0 ? new Error('ENOTFOUND') : null, found);
	}) as unknown as Resolve;
	return { asked, resolve };
}

const plan = (instanceUrl: string, resolve: Resolve) => {
	const catalog = { find: async () => GITLAB };
	const deps = { catalog, recipes: SIGN_INS, resolve } as unknown as SignInDeps;
	return planSignIn(deps, ADA, { providerId: 'gitlab', method: 0, inputs: { instanceUrl } });
};

test.each([
	['the loopback', ['127.0.0.1']],
	['a private host', ['10.1.2.3']],
	['a private host beside a public one', ['93.184.216.34', '192.168.0.4']],
	['cloud metadata', ['169.254.169.254']],
	['the loopback by IPv6', ['::1']],
])('an installation whose name leads to %s is refused', async (_, addresses) => {
	const { resolve } = nameServer(...addresses);
	await expect(plan('https://gitlab.example.com', resolve)).rejects.toMatchObject({
		code: 'invalid',
		message: 'gitlab.example.com leads to an address that is not public. Only a public one can be used here.',
	});
});

test('a name that leads nowhere is refused', async () => {
	await expect(plan('https://gitlab.example.com', nameServer().resolve)).rejects.toMatchObject({
		code: 'invalid',
		message: expect.stringContaining('gitlab.example.com could not be resolved'),
	});
});

test('a public installation is taken, its name looked up once, and none is looked up without an answer', async () => {
	const { asked, resolve } = nameServer('93.184.216.34');
	expect((await plan('gitlab.example.com:8443', resolve)).detail.inputs).toEqual({
		instanceUrl: 'https://gitlab.example.com:8443',
	});
	await plan('', resolve);
	expect(asked).toEqual(['gitlab.example.com']);
});
