import { createHmac, timingSafeEqual } from 'node:crypto';

const MINUTE = 60_000;
/** How long the token in a preview address is good for, in ms: long enough to click it. */
const TOKEN_LIFE = 15 * MINUTE;
/** How long a browser that came with a token may stay, in ms. */
const COOKIE_LIFE = 12 * 60 * MINUTE;

const TAB_COOKIE = 'doce_preview';
const FRAME_COOKIE = 'doce_preview_frame';
/** The query parameter that carries the token. */
export const TOKEN_PARAMETER = 'doce_preview';

/** A preview's host, and the project that has it now; no id when none has. */
type Place = { slug: string; id: string | undefined };

/**
 * Says who may see a preview. Previews have hosts and cookies of their own; doce's cookies mean nothing there. Tokens
 * and cookies are of a project and not of its name, which another project may have later. Where no project is, whoever was let in to
 * one before still is: to be told that it is gone.
 */
export type PreviewAccess = {
	/** The CSP source that matches every preview's origin. */
	readonly frameSource: string;
	/** The address that opens the project's preview, token included. */
	url(project: { id: string; slug: string }): string;
	/** The slug that a `Host` header names; undefined when it is not a preview's host. */
	slugOf(host: string | undefined): string | undefined;
	acceptsToken(place: Place, token: string | null): boolean;
	acceptsCookies(place: Place, cookieHeader: string | undefined): boolean;
	/** `set-cookie` values: one for a tab, one for doce's frame, where Chromium takes partitioned ones only. */
	cookies(project: { id: string; slug: string }): string[];
	/** A `cookie` header without the preview's own cookies. */
	withoutOwnCookies(cookieHeader: string | undefined): string | undefined;
};

export function createPreviewAccess(options: {
	secret: Buffer;
	publicUrl: URL;
	previewDomain?: string | undefined;
}): PreviewAccess {
	const { secret, publicUrl } = options;
	const domain = options.previewDomain ?? publicUrl.hostname;
	const port = publicUrl.port === '' ? '' : `:${publicUrl.port}`;
	const secure = publicUrl.protocol === 'https:' ? '; Secure' : '';
	const sign = (kind: string, { slug, id }: { slug: string; id: string }, expires: number): string => {
		const mac = createHmac('sha256', secret).update(`${kind} ${slug} ${id} ${expires}`).digest('base64url');
		return `${expires}.${id}.${mac}`;
	};
	const accepts = (kind: string, { slug, id }: Place, value: string | undefined): boolean => {
		const [expiry, signedId] = value?.split('.') ?? [];
		const expires = Number(expiry);
		if (value === undefined || signedId === undefined || !Number.isFinite(expires) || expires < Date.now())
			return false;
		const expected = Buffer.from(sign(kind, { slug, id: signedId }, expires));
		const given = Buffer.from(value);
		return given.length === expected.length && timingSafeEqual(given, expected) && signedId === (id ?? signedId);
	};
	return {
		frameSource: `${publicUrl.protocol}//*.${domain}${port}`,
		url: ({ id, slug }) => {
			const token = sign('token', { id, slug }, Date.now() + TOKEN_LIFE);
			return `${publicUrl.protocol}//${slug}.${domain}${port}/?${TOKEN_PARAMETER}=${token}`;
		},
		slugOf: (host) => {
			const name = host?.replace(/:\d+$/, '').toLowerCase();
			if (name === undefined || name === publicUrl.hostname || !name.endsWith(`.${domain}`)) return undefined;
			const slug = name.slice(0, -domain.length - 1);
			return /^[a-z0-9-]+$/.test(slug) ? slug : undefined;
		},
		acceptsToken: (place, token) => accepts('token', place, token ?? undefined),
		acceptsCookies: (place, header) =>
			parseCookies(header).some(
				([name, value]) => (name === TAB_COOKIE || name === FRAME_COOKIE) && accepts('cookie', place, value),
			),
		cookies: (project) => {
			const value = sign('cookie', project, Date.now() + COOKIE_LIFE);
			const shared = `Path=/; HttpOnly; Max-Age=${COOKIE_LIFE / 1000}`;
			return [
				`${TAB_COOKIE}=${value}; ${shared}; SameSite=Lax${secure}`,
				`${FRAME_COOKIE}=${value}; ${shared}; SameSite=None; Secure; Partitioned`,
			];
		},
		withoutOwnCookies: (header) => {
			const others = parseCookies(header).filter(([name]) => name !== TAB_COOKIE && name !== FRAME_COOKIE);
			return others.length === 0 ? undefined : others.map(([name, value]) => `${name}=${value}`).join('; ');
		},
	};
}

function parseCookies(header: string | undefined): [string, string][] {
	return (header ?? '')
		.split(';')
		.map((pair) => pair.trim())
		.filter((pair) => pair.includes('='))
		.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
}
