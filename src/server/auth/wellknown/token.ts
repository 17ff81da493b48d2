import { Secret } from '#server/secret.ts';

const PLACE = /\{(env|file):([^}]*)\}/g;

/** What a text asks OpenCode to put in its place: `{env:NAME}` or `{file:path}`. */
export function substitutionsIn(text: string): { kind: string; name: string }[] {
	return [...text.matchAll(PLACE)].map(([, kind = '', name = '']) => ({ kind, name: name.trim() }));
}

/** A text with the token where `{env:NAME}` stands. */
function putToken(text: string, name: string, token: Secret): string {
	return text.replace(PLACE, (place, kind: string, found: string) =>
		kind === 'env' && found.trim() === name ? token.reveal() : place,
	);
}

/** Headers with the token in its place; unchanged where no name stands for it. */
export function putTokenInHeaders(
	headers: Record<string, Secret>,
	name: string | undefined,
	token: Secret | undefined,
): Record<string, Secret> {
	if (name === undefined || token === undefined) return headers;
	return Object.fromEntries(
		Object.entries(headers).map(([header, value]) => [header, new Secret(putToken(value.reveal(), name, token))]),
	);
}

/** The same for options of any depth. What comes out holds the token: it goes into a project's configuration alone. */
export function putTokenInOptions<T>(value: T, name: string, token: Secret): T {
	if (typeof value === 'string') return putToken(value, name, token) as T;
	if (Array.isArray(value)) return value.map((item) => putTokenInOptions(item, name, token)) as T;
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [key, putTokenInOptions(item, name, token)]),
	) as T;
}
