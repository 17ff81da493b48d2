import type { AuthMethod, AvailableProvider } from '#shared/providers.ts';

/** The ways to connect a provider that are offered here: codes first, then pages that send one back, then keys. */
export function usableMethods({ authMethods }: Pick<AvailableProvider, 'authMethods'>): AuthMethod[] {
	const usable = authMethods.filter(({ unavailable, type }) => unavailable === undefined && type !== 'wellknown');
	return usable.toSorted((one, other) => rank(one) - rank(other) || one.method - other.method);
}

/** Those a person signs in with. */
export function signInMethods(provider: Pick<AvailableProvider, 'authMethods'>): AuthMethod[] {
	return usableMethods(provider).filter(({ type }) => type === 'oauth');
}

function rank({ type, redirects }: AuthMethod): number {
	if (type === 'api') return 2;
	return redirects ? 1 : 0;
}

/** What a method asks of a person, in a sentence. */
export function methodHint({ type, redirects }: AuthMethod): string {
	if (type === 'api') return 'Paste a key that you made at the provider.';
	return redirects
		? 'Sign in on the provider’s page, which sends you back to this server.'
		: 'Sign in on the provider’s page, in any browser.';
}

/** Whether the browser that shows this page may well run on the server itself, where such an address opens. */
export function isOnServer(hostname: string): boolean {
	return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

export type EndedState = 'failed' | 'expired' | 'cancelled';

export const ENDED_WORDS: Record<EndedState, string> = {
	failed: 'The sign-in did not work',
	expired: 'The time is up',
	cancelled: 'The sign-in was cancelled',
};
