import { AppError } from '../errors.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses a request that another site could have made a browser send. Cookies alone never change anything:
 * the browser has to say that the page was ours. `publicOrigin` is configuration, never a header.
 */
export function checkSameOrigin(method: string, headers: Headers, publicOrigin: string): void {
	if (SAFE_METHODS.includes(method)) return;
	const ours = headers.get('origin') === publicOrigin || headers.get('sec-fetch-site') === 'same-origin';
	if (!ours) {
		throw new AppError(
			'forbidden',
			`This request did not come from ${publicOrigin}. Open doce at that address, or set DOCE_PUBLIC_URL to the address you use. Scripts send an API token.`,
		);
	}
	const type = headers.get('content-type');
	if (type !== null && !/^application\/json\b/i.test(type))
		throw new AppError('invalid', 'Send JSON (content-type: application/json).');
}
