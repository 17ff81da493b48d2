import type { WaitingReason } from '#shared/chat.ts';
import type { Refusal } from './failures.ts';

/** What would let a message go on, by what is wrong. */
const CURES: Partial<Record<WaitingReason, string>> = {
	key_rejected: 'Replace the key',
	sign_in_expired: 'Sign in again',
	out_of_credit: 'Top the account up and test it again',
	disconnected: 'Connect it again',
};

/** Why a message waits, and what would let it go on. */
export function waitingWords({ message, reason, ...own }: Refusal, other: string | undefined): string {
	const instead = other === undefined ? '' : `, or continue with ${other}`;
	const cure = own.cure ?? CURES[reason];
	if (cure !== undefined) return `${message} ${cure}${instead}. Your message is kept and then sent by itself.`;
	if (reason === 'over_budget') {
		const choice = other === undefined ? '' : ` You can also continue with ${other}.`;
		return `${message} Your message is kept, and sent by itself when the budget is raised or begins anew.${choice}`;
	}
	const choice = other === undefined ? '' : ` You can also continue with ${other}.`;
	return `${message} Your message is kept and sent by itself as soon as it serves again.${choice}`;
}
