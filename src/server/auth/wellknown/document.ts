import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { Secret } from '#server/secret.ts';
import { checkDestination } from '../destinations.ts';
import { readHeaders } from '../input/endpoint.ts';
import { callProvider, type Resolve } from '../probes/call.ts';
import { parseJson } from '../probes/outcome.ts';
import { putTokenInHeaders, substitutionsIn } from './token.ts';

/** Where every organisation keeps its document, below its address. */
const PATH = '/.well-known/opencode';
const TIMEOUT = 10_000;

const remotePart = z.union([
	z.string().transform((url) => ({ url, headers: {} as Record<string, string> })),
	z.object({ url: z.string(), headers: z.record(z.string(), z.string()).default({}) }),
]);

const documentShape = z.object({
	auth: z.object({
		env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
		command: z.array(z.string()).optional().catch(undefined),
	}),
	config: z.record(z.string(), z.json()).nullish(),
	remote_config: remotePart.nullish(),
});

/** An organisation's document, both parts joined. */
export type WellKnownDocument = {
	url: string;
	envName: string;
	command: string | null;
	config: Record<string, unknown>;
	/** Where the token was shown to get the second part, or would have to be. */
	tokenShownAt: string | null;
	/** The second part was left out, since only the token opens it. */
	needsToken: boolean;
};

export type ReadDocument = {
	/** As `readOrganisation` returns it. */
	url: string;
	/** The admin's word that private addresses are meant. */
	local: boolean;
	token?: Secret | undefined;
	signal?: AbortSignal | undefined;
	resolve?: Resolve | undefined;
};

/** The address of an organisation as a person gives it, normalised. Throws `AppError('invalid')` for what must not be called. */
export function readOrganisation(address: string, local: boolean): string {
	const text = address.trim();
	const url = checkDestination(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`, {
		allowPrivate: local,
	});
	if (url.search !== '' || url.hash !== '')
		throw new AppError('invalid', 'Leave out what follows the "?" or "#" of the address.');
	return url.href
		.replace(/\/+$/, '')
		.replace(new RegExp(`${PATH.replace('.', '\\.')}$`), '')
		.replace(/\/+$/, '');
}

/**
 * Reads an organisation's document by the rules for destinations, and never runs its command. Throws `AppError`:
 * `unavailable` when it cannot be had, `invalid` when it is none or points where doce does not call.
 */
export async function readDocument(input: ReadDocument): Promise<WellKnownDocument> {
	const parsed = documentShape.safeParse(await fetchJson(input.url + PATH, {}, input));
	if (!parsed.success)
		throw new AppError('invalid', `${hostOf(input.url)} has a document that OpenCode would not understand.`);
	const { auth, config, remote_config: remote } = parsed.data;
	const first = {
		url: input.url,
		envName: auth.env,
		command: auth.command?.join(' ').slice(0, 500) ?? null,
		config: config ?? {},
		tokenShownAt: null,
		needsToken: false,
	};
	return remote == null ? first : joinRemote(first, remote, input);
}

async function joinRemote(
	first: WellKnownDocument,
	remote: z.infer<typeof remotePart>,
	input: ReadDocument,
): Promise<WellKnownDocument> {
	if (substitutionsIn(remote.url).length > 0)
		throw new AppError(
			'invalid',
			'The second part of the document has an address with a secret in it, which doce does not call.',
		);
	const address = checkDestination(remote.url, { allowPrivate: input.local });
	const wanted = Object.values(remote.headers).flatMap(substitutionsIn);
	const foreign = wanted.find(({ kind, name }) => kind === 'file' || name !== first.envName);
	if (foreign !== undefined)
		throw new AppError(
			'invalid',
			`The second part of the document asks for ${foreign.kind === 'file' ? 'a file' : `the variable ${foreign.name}`} of this server, which doce does not hand out.`,
		);
	const showsToken = wanted.length > 0;
	const tokenShownAt = showsToken ? address.href : null;
	if (showsToken && input.token === undefined) return { ...first, tokenShownAt, needsToken: true };
	const headers = putTokenInHeaders(readHeaders(remote.headers), first.envName, input.token);
	const body = await fetchJson(address.href, headers, input);
	const config = isRecord(body) && isRecord(body['config']) ? body['config'] : body;
	if (!isRecord(config)) throw new AppError('invalid', `${address.host} has no configuration for OpenCode.`);
	return { ...first, config: merge(first.config, config), tokenShownAt };
}

async function fetchJson(
	address: string,
	headers: Record<string, Secret>,
	{ local, signal, resolve }: ReadDocument,
): Promise<unknown> {
	const url = checkDestination(address, { allowPrivate: local });
	const revealed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
	const call = { url, method: 'GET', headers: revealed, allowPrivate: local, timeoutMs: TIMEOUT, signal } as const;
	const reply = await callProvider(call, resolve);
	const shown = url.host + url.pathname;
	if (reply.kind === 'fault') throw new AppError('unavailable', reply.message);
	if (reply.status === 401 || reply.status === 403)
		throw new AppError('invalid', `${shown} did not accept the token (${reply.status}).`);
	if (reply.status !== 200)
		throw new AppError('unavailable', `${url.host} has no document for OpenCode at ${url.pathname} (${reply.status}).`);
	const body = parseJson(reply.text);
	if (body === undefined)
		throw new AppError(
			'invalid',
			`${shown} is ${/^\s*</.test(reply.text) ? 'a web page' : 'no JSON'}, not a document for OpenCode.`,
		);
	return body;
}

/** Objects are joined, anything else of the second replaces the first. */
function merge(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
	const joined = Object.entries(other).map(([key, value]) => {
		const before = Object.hasOwn(one, key) ? one[key] : undefined;
		return [key, isRecord(before) && isRecord(value) ? merge(before, value) : value] as const;
	});
	return Object.fromEntries([...Object.entries(one), ...joined]);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hostOf(url: string): string {
	return new URL(url).host;
}
