import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

/** Proves that whoever sets doce up can read its console. Made anew at each start, used once. */
export type SetupToken = { readonly value: string; check(given: string): void };

export function createSetupToken(): SetupToken {
	const value = randomBytes(18).toString('base64url');
	return {
		value,
		check(given) {
			if (!timingSafeEqual(digest(given.trim()), digest(value))) {
				throw new AppError('forbidden', 'That is not the setup token. It is printed where doce was started.');
			}
		},
	};
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
