import { AppError } from '#server/errors.ts';
import type { AuthorizeRefusal } from '../../opencode/errand/signInServer.ts';

/** Why a sign-in did not begin, in words. */
export function refusalWords(refusal: AuthorizeRefusal, providerName: string): AppError {
	switch (refusal.why) {
		case 'field':
			return new AppError('invalid', refusal.message);
		case 'port':
			return new AppError(
				'conflict',
				`Another sign-in to ${providerName} is under way on this server: its port ${refusal.port} is taken. Wait until that has ended, or choose another method.`,
			);
		case 'offline':
			return new AppError(
				'unavailable',
				`${providerName} cannot be reached from this server. Check its network, then try again.`,
			);
		case 'other':
			return new AppError('unavailable', `${providerName} did not start the sign-in. Try again in a moment.`);
	}
}

/** A code that the person reads in the instructions and types on the provider's page. */
export function userCodeIn(instructions: string): string | undefined {
	return /\bcode:\s*([A-Z0-9][A-Z0-9-]{2,30})\s*\.?$/i.exec(instructions)?.[1];
}

/** The provider's page, if the link is one that a browser may open. */
export function isPage(link: string): boolean {
	return URL.canParse(link) && ['https:', 'http:'].includes(new URL(link).protocol);
}

export const RESTARTED = 'doce was restarted while this sign-in waited. Start it again.';
export const EXPIRED = 'Nobody approved in time. Start again for a new code.';
export const CANCELLED = 'Cancelled.';
export const BROKEN = 'Something went wrong during the sign-in. The server log has the details. Start it again.';
