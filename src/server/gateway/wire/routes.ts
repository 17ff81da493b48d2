import type { WireFormat } from '#shared/providers.ts';

/** A request target, taken apart and found harmless. */
export type Target = {
	connectionId: string;
	/** Which of the provider's addresses is meant, where the catalogue has several; empty for the usual one. */
	place: string;
	/** What follows; begins with a slash. */
	path: string;
	query: URLSearchParams;
};

/** What a caller may ask for. */
export type Route = {
	format: WireFormat;
	kind: 'generate' | 'count' | 'embed' | 'list';
	/** To be appended to the provider's base URL, with what is allowed of the query. */
	suffix: string;
	/** The model, where the path names it; elsewhere the body does. */
	model: string | undefined;
};

/** The whole alphabet of a path: no percent sign, backslash or semicolon, so that nobody can read it otherwise. */
const PATH = /^(?:\/[A-Za-z0-9_@:.~-]+)+$/;
const TARGET = /^\/([a-z0-9]{1,64})(\/at-[0-9a-f]{12})?(\/.*)$/s;
/** Of the query, what providers know and what leads nowhere else. */
const QUERY = new Map([
	['alt', /^sse$/],
	['api-version', /^[\w.-]{1,40}$/],
	['limit', /^\d{1,6}$/],
	['pageSize', /^\d{1,6}$/],
]);
const MODEL = '[A-Za-z0-9_@.-]{1,200}';

type Shape = Pick<Route, 'kind'> & { method: 'GET' | 'POST'; path: RegExp };

const LIST: Shape = { method: 'GET', kind: 'list', path: /^\/models$/ };
const EMBED: Shape = { method: 'POST', kind: 'embed', path: /^\/embeddings$/ };

/** Everything that may be asked for, by wire format. */
const SHAPES: Record<WireFormat, readonly Shape[]> = {
	'chat-completions': [{ method: 'POST', kind: 'generate', path: /^\/chat\/completions$/ }, EMBED, LIST],
	responses: [{ method: 'POST', kind: 'generate', path: /^\/responses$/ }, EMBED, LIST],
	messages: [
		{ method: 'POST', kind: 'generate', path: /^\/messages$/ },
		{ method: 'POST', kind: 'count', path: /^\/messages\/count_tokens$/ },
		LIST,
	],
	'generate-content': [
		{
			method: 'POST',
			kind: 'generate',
			path: new RegExp(`^/models/(?<model>${MODEL}):(?:generateContent|streamGenerateContent)$`),
		},
		{ method: 'POST', kind: 'count', path: new RegExp(`^/models/(?<model>${MODEL}):countTokens$`) },
		{
			method: 'POST',
			kind: 'embed',
			path: new RegExp(`^/models/(?<model>${MODEL}):(?:batchEmbedContents|embedContent)$`),
		},
		LIST,
	],
};

/** Undefined for every target that could be read in two ways, or that is not of the gateway's own form. */
export function readTarget(target: string): Target | undefined {
	const mark = target.indexOf('?');
	const whole = mark === -1 ? target : target.slice(0, mark);
	const [, connectionId = '', place = '', path = ''] = TARGET.exec(whole) ?? [];
	if (!PATH.test(path) || path.split('/').some((segment) => /^\.+$/.test(segment))) return undefined;
	return { connectionId, place, path, query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)) };
}

/** The route that is asked for; undefined when it is none of these formats'. */
export function findRoute(
	method: string,
	{ path, query }: Target,
	{ formats, prefix }: { formats: readonly WireFormat[]; prefix: string },
): Route | undefined {
	if (!path.startsWith(`${prefix}/`)) return undefined;
	const own = path.slice(prefix.length);
	for (const format of formats) {
		for (const shape of SHAPES[format]) {
			const match = shape.method === method ? shape.path.exec(own) : null;
			if (match === null) continue;
			return { format, kind: shape.kind, suffix: own + searchOf(query), model: match.groups?.['model'] };
		}
	}
	return undefined;
}

/** The format in which a caller most likely expects a refusal. */
export function guessFormat(path: string): WireFormat {
	if (/\/messages(\/|$)/.test(path)) return 'messages';
	return /:\w+$/.test(path) ? 'generate-content' : 'chat-completions';
}

function searchOf(query: URLSearchParams): string {
	const allowed = [...query].filter(([name, value]) => QUERY.get(name)?.test(value) ?? false);
	return allowed.length === 0 ? '' : `?${new URLSearchParams(allowed)}`;
}
