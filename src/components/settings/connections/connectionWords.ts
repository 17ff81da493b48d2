import type { Isolation } from '#shared/projects.ts';
import type { ConnectionReason, ConnectionView } from '#shared/providers.ts';
import { usdWords } from '#shared/usage.ts';
import { keepsKeysOutside } from '../../ui/isolationWords.ts';

/** The one button that cures a problem. */
export type Cure = 'replaceKey' | 'signIn' | 'test' | 'upgrade';

const CURES: Record<ConnectionReason, Cure | null> = {
	key_rejected: 'replaceKey',
	sign_in_expired: 'signIn',
	out_of_credit: 'test',
	rate_limited: 'test',
	unreachable: 'test',
	not_tested: 'test',
	locked: null,
	disconnected: 'replaceKey',
};

type Standing = Pick<ConnectionView, 'status' | 'reason' | 'authType' | 'legacy'>;

/** null where nothing is wrong, or no button can help. */
export function cureOf({ status, reason, authType, legacy }: Standing): Cure | null {
	if (legacy) return 'upgrade';
	if (reason === null && status === 'connected') return null;
	if (reason === null) return status === 'error' ? 'test' : credentialCure(authType);
	const cure = CURES[reason];
	return cure === 'replaceKey' || cure === 'signIn' ? credentialCure(authType) : cure;
}

/** A credential that is no good any more is given anew, the way it was given. */
function credentialCure(authType: ConnectionView['authType']): Cure {
	return authType === 'oauth' ? 'signIn' : 'replaceKey';
}

export function cureWords(cure: Cure, reason: ConnectionReason | null): string {
	if (cure === 'test') return reason === 'not_tested' ? 'Test' : 'Test again';
	return { replaceKey: 'Replace key', signIn: 'Sign in again', upgrade: 'Upgrade' }[cure];
}

/** What is wrong, in a sentence; null when nothing is. */
export function problemWords(connection: ConnectionView): string | null {
	const { providerName, status, reason, errorMessage, legacy } = connection;
	if (errorMessage !== null) return errorMessage;
	if (reason !== null) return REASON_SENTENCES[reason](providerName);
	if (status === 'connected')
		return legacy ? 'The key of the application that came before doce. It works; upgrading moves it here.' : null;
	return `${providerName} does not work at the moment.`;
}

const REASON_SENTENCES: Record<ConnectionReason, (provider: string) => string> = {
	key_rejected: (provider) => `${provider} rejected the key.`,
	sign_in_expired: (provider) => `The sign-in to ${provider} has ended.`,
	out_of_credit: (provider) => `The account at ${provider} has no credit left.`,
	rate_limited: (provider) => `${provider} allows no more requests for now.`,
	unreachable: (provider) => `${provider} does not answer.`,
	not_tested: () => 'Saved without a test.',
	locked: () => 'It was sealed with another encryption key than this server has.',
	disconnected: () => 'It has no key any more.',
};

/** A wait that is left, in ms, as "0:42", "12:05" or "1:02:03"; "0:00" once it is over. */
export function countdown(ms: number): string {
	const seconds = Math.max(0, Math.ceil(ms / 1_000));
	const two = (part: number) => String(part).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
	return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** What is true of a connection, in the order in which a person asks for it; its use and the times are told apart. */
export function connectionFacts(connection: ConnectionView, level: Isolation['level']): string[] {
	const { label, providerName, lastFour, scripted, baseUrl, account, wellKnown } = connection;
	return [
		label === providerName || label === account ? '' : label,
		scripted ? 'Scripted, works offline' : methodWords(connection.authType, account, lastFour),
		wellKnown === null ? '' : `Configured by ${hostOf(wellKnown.url)}`,
		baseUrl === null || scripted ? '' : hostOf(baseUrl),
		scripted ? '' : deliveryWords(connection, level),
		connection.costThisMonth === 0 ? '' : `${usdWords(connection.costThisMonth)} this month`,
	].filter((fact) => fact !== '');
}

export function usedByWords(projectCount: number): string {
	if (projectCount === 0) return 'Not used yet';
	return `Used by ${projectCount} ${projectCount === 1 ? 'project' : 'projects'}`;
}

/** The name of a row: the provider, and which of its accounts. */
export function connectionName({ providerName, label }: Pick<ConnectionView, 'providerName' | 'label'>): string {
	return label === providerName ? providerName : `${providerName}, ${label}`;
}

function methodWords(authType: ConnectionView['authType'], account: string | null, lastFour: string | null): string {
	if (authType === 'oauth') return account === null ? 'Sign-in' : `Signed in as ${account}`;
	const method = authType === 'api' ? 'API key' : 'Token';
	return lastFour === null ? method : `${method} ···${lastFour}`;
}

/** Where a credential is while projects use it; where nothing keeps projects in, no more than that none is copied. */
export function deliveryWords(
	{ authType, delivery }: Pick<ConnectionView, 'authType' | 'delivery'>,
	level: Isolation['level'],
): string {
	const what = { api: 'Key', oauth: 'Sign-in', wellknown: 'Token' }[authType];
	if (delivery === 'direct') return `${what} is copied into projects`;
	return keepsKeysOutside(level) ? `${what} stays outside projects` : `${what} is not copied into projects`;
}

function hostOf(baseUrl: string): string {
	return URL.parse(baseUrl)?.host ?? baseUrl;
}
