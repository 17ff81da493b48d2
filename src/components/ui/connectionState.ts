import type { ConnectionReason, ConnectionStatus } from '#shared/providers.ts';
import type { Tone } from './StatusBadge.tsx';

export type ConnectionState = { tone: Tone; words: string };

const REASONS: Record<ConnectionReason, ConnectionState> = {
	key_rejected: { tone: 'bad', words: 'Key rejected' },
	sign_in_expired: { tone: 'bad', words: 'Sign-in expired' },
	out_of_credit: { tone: 'bad', words: 'Out of credit' },
	rate_limited: { tone: 'warn', words: 'Rate limited' },
	unreachable: { tone: 'warn', words: 'Unreachable' },
	not_tested: { tone: 'warn', words: 'Not tested' },
	locked: { tone: 'bad', words: 'Locked' },
	disconnected: { tone: 'off', words: 'Disabled' },
};

const STATUSES: Record<ConnectionStatus, ConnectionState> = {
	connected: { tone: 'ok', words: 'Connected' },
	expired: REASONS.sign_in_expired,
	error: { tone: 'bad', words: 'Not working' },
	revoked: REASONS.disconnected,
};

/** How a connection stands, in words; every area says it in the same ones. */
export function connectionState(of: { status: ConnectionStatus; reason: ConnectionReason | null }): ConnectionState {
	return of.reason === null ? STATUSES[of.status] : REASONS[of.reason];
}
