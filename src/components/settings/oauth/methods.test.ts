import { describe, expect, it } from 'vitest';
import type { AuthMethod } from '#shared/providers.ts';
import { isOnServer, methodHint, signInMethods, usableMethods } from './methods.ts';

const method = (index: number, part: Partial<AuthMethod>): AuthMethod => ({
	method: index,
	type: 'oauth',
	label: `Method ${index}`,
	prompts: [],
	...part,
});

describe('the ways to connect a provider', () => {
	const authMethods = [
		method(0, { redirects: true }),
		method(1, { redirects: false }),
		method(2, { type: 'api' }),
		method(3, { unavailable: 'Not here.' }),
	];

	it('are offered with codes first and keys last, without those that do not work here', () => {
		expect(usableMethods({ authMethods }).map((one) => one.method)).toEqual([1, 0, 2]);
		expect(signInMethods({ authMethods }).map((one) => one.method)).toEqual([1, 0]);
	});

	it('say what they ask for', () => {
		expect(authMethods.slice(0, 3).map(methodHint)).toEqual([
			'Sign in on the provider’s page, which sends you back to this server.',
			'Sign in on the provider’s page, in any browser.',
			'Paste a key that you made at the provider.',
		]);
	});

	it('know a browser on the server from one elsewhere', () => {
		expect(['localhost', '127.0.0.1', 'doce.lan', 'localhost.evil.example'].map(isOnServer)).toEqual([
			true,
			true,
			false,
			false,
		]);
	});
});
