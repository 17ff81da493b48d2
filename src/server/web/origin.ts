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

/**
 * Refuses to stream to a page of another site. A browser names the origin of such a page, or how it stands to ours; our
 * own pages, which read by GET, name no origin and on plain http nothing at all.
 */
export function checkReader(headers: Headers, publicOrigin: string): void {
	const origin = headers.get('origin') ?? publicOrigin;
	const site = headers.get('sec-fetch-site') ?? 'same-origin';
	if (origin !== publicOrigin || site !== 'same-origin')
		throw new AppError('forbidden', `Live events are for pages of ${publicOrigin} alone.`);
}

/** Whether a page at `origin` asks its own host: what a web socket has to prove, since no browser does it for it. */
export function isOwnHost(origin: string | undefined, host: string | undefined): boolean {
	if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
	const page = new URL(origin);
	const ports: Record<string, RegExp> = { 'http:': /:80$/, 'https:': /:443$/ };
	const usual = ports[page.protocol];
	return usual !== undefined && host.toLowerCase().replace(usual, '') === page.host;
}
