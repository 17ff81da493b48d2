import type { ConnectionReason, ConnectionView } from '#shared/providers.ts';
import type { Tone } from '../../ui/StatusBadge.tsx';

/** The one button that cures a problem. */
type Cure = 'replaceKey' | 'test' | null;

export type ConnectionState = { tone: Tone; words: string; cure: Cure };

const REASONS: Record<ConnectionReason, ConnectionState> = {
	key_rejected: { tone: 'bad', words: 'Key rejected', cure: 'replaceKey' },
	sign_in_expired: { tone: 'bad', words: 'Sign-in expired', cure: 'replaceKey' },
	out_of_credit: { tone: 'bad', words: 'Out of credit', cure: 'test' },
	rate_limited: { tone: 'warn', words: 'Rate limited', cure: 'test' },
	unreachable: { tone: 'warn', words: 'Unreachable', cure: 'test' },
	not_tested: { tone: 'warn', words: 'Not tested', cure: 'test' },
	locked: { tone: 'bad', words: 'Locked', cure: null },
	disconnected: { tone: 'off', words: 'Disabled', cure: 'replaceKey' },
};

const STATUSES: Record<ConnectionView['status'], ConnectionState> = {
	connected: { tone: 'ok', words: 'Connected', cure: null },
	expired: REASONS.sign_in_expired,
	error: { tone: 'bad', words: 'Not working', cure: 'test' },
	revoked: REASONS.disconnected,
};

export function connectionState({ status, reason }: Pick<ConnectionView, 'status' | 'reason'>): ConnectionState {
	return reason === null ? STATUSES[status] : REASONS[reason];
}

/** What is true of a connection, in the order in which a person asks for it; the times are told apart. */
export function connectionFacts(connection: ConnectionView): string[] {
	const { label, providerName, lastFour, delivery, projectCount, scripted, baseUrl } = connection;
	return [
		label === providerName ? '' : label,
		scripted ? 'Scripted, works offline' : methodWords(connection.authType, lastFour),
		baseUrl === null || scripted ? '' : hostOf(baseUrl),
		scripted ? '' : deliveryWords(delivery),
		projectCount === 0 ? 'Not used yet' : `Used by ${projectCount} ${projectCount === 1 ? 'project' : 'projects'}`,
	].filter((fact) => fact !== '');
}

function methodWords(authType: ConnectionView['authType'], lastFour: string | null): string {
	const method = { api: 'API key', oauth: 'Sign-in', wellknown: 'Token' }[authType];
	return lastFour === null ? method : `${method} ···${lastFour}`;
}

function deliveryWords(delivery: ConnectionView['delivery']): string {
	return delivery === 'sealed' ? 'Key stays outside projects' : 'Key is copied into projects';
}

function hostOf(baseUrl: string): string {
	return URL.parse(baseUrl)?.host ?? baseUrl;
}
