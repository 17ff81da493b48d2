import { AppError } from '#server/errors.ts';
import { callProvider } from '../probes/call.ts';

/** Where a provider sends the browser at the end: an address on the machine where OpenCode runs. */
export type Redirect = {
	/** As in the provider's link: `localhost`, `127.0.0.1` or `[::1]`. */
	host: string;
	port: number;
	path: string;
	/** What tells this attempt from every other; null where the provider's plugin uses none. */
	state: string | null;
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LONGEST = 8_000;
/** What a provider says at the end of a sign-in; anything else of the address is left out. */
const ANSWERS = ['code', 'state', 'iss', 'scope', 'error', 'error_description', 'session_state'];
const FRAGMENT_ANSWERS = ['access_token', 'state', 'expires_in', 'token_type', 'scope', 'error', 'error_description'];
const CALL_TIMEOUT = 30_000;

/** Reads in a provider's link where the browser will be sent; undefined unless that is a port of this machine. */
export function redirectOf(link: string): Redirect | undefined {
	const url = new URL(link);
	const back = url.searchParams.get('redirect_uri') ?? '';
	const target = URL.canParse(back) ? new URL(back) : undefined;
	if (target?.protocol !== 'http:' || !LOOPBACK.has(target.hostname) || target.port === '') return undefined;
	const state = url.searchParams.get('state');
	return { host: target.hostname, port: Number(target.port), path: target.pathname, state };
}

/** What goes to OpenCode: built from the attempt's own address, never from the pasted one. */
export type PasteBack = { method: 'GET' | 'POST'; url: URL; body: string | undefined };

/**
 * Reads the address of the page that did not load. Host, port, path and state have to be those of this very attempt.
 * Throws `AppError('invalid')` with what to paste; the message repeats nothing of it, since it holds a code.
 */
export function readPasteBack(pasted: string, redirect: Redirect, fragmentPath?: string): PasteBack {
	const begins = `http://${redirect.host}:${redirect.port}${redirect.path}`;
	const wrong = new AppError(
		'invalid',
		`Paste the whole address of the page that did not load. It begins with ${begins}`,
	);
	const text = pasted.trim();
	if (text.length > LONGEST || /[\s\\]/.test(text) || !URL.canParse(text)) throw wrong;
	const url = new URL(text);
	const isOurs =
		url.protocol === 'http:' &&
		url.username === '' &&
		url.password === '' &&
		url.hostname === redirect.host &&
		url.port === String(redirect.port) &&
		url.pathname === redirect.path;
	if (!isOurs) throw wrong;
	const inFragment = fragmentPath !== undefined && url.hash.length > 1;
	const said = inFragment ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
	const answer = pick(said, inFragment ? FRAGMENT_ANSWERS : ANSWERS, wrong);
	if (redirect.state !== null && answer.get('state') !== redirect.state)
		throw new AppError(
			'invalid',
			'That address belongs to another attempt. Paste the one of the page that opened last.',
		);
	if (!['code', 'access_token', 'error'].some((name) => answer.has(name))) throw wrong;
	const target = new URL(`http://${redirect.host === '[::1]' ? '[::1]' : '127.0.0.1'}:${redirect.port}`);
	target.pathname = inFragment ? fragmentPath : redirect.path;
	if (inFragment) return { method: 'POST', url: target, body: JSON.stringify(Object.fromEntries(answer)) };
	target.search = answer.toString();
	return { method: 'GET', url: target, body: undefined };
}

/** Hands the answer to the plugin that waits for it. Throws `AppError` when it does not take it. */
export async function deliverPasteBack({ method, url, body }: PasteBack, signal?: AbortSignal): Promise<void> {
	const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
	const call = { url, method, headers, body, allowPrivate: true, timeoutMs: CALL_TIMEOUT, signal };
	const reply = await callProvider(call);
	// What the page would show, a redirect included, is of no interest: the attempt itself tells how it ended.
	if (reply.kind === 'fault' && reply.fault !== 'redirect')
		throw new AppError('unavailable', 'The sign-in does not listen any more. Start it again.');
	if (reply.kind === 'reply' && reply.status >= 400)
		throw new AppError('invalid', 'The sign-in did not accept that address. Start it again.');
}

/** The known parts, each said once. */
function pick(said: URLSearchParams, names: readonly string[], wrong: AppError): URLSearchParams {
	const answer = new URLSearchParams();
	for (const name of names) {
		const values = said.getAll(name);
		if (values.length > 1) throw wrong;
		if (values[0] !== undefined) answer.set(name, values[0]);
	}
	return answer;
}
