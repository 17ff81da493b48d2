import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyServer, type ProxyTarget } from 'httpxy';
import type { Logger } from '../logger.ts';
import { isOwnHost } from './origin.ts';
import { type PreviewAccess, TOKEN_PARAMETER } from './previewAccess.ts';
import { previewPage } from './previewPage.ts';
import { refuseUpgrade } from './request/upgrade.ts';

/** What a preview host shows of a project. */
export type PreviewTarget =
	| { state: 'running'; host: string; port: number; socket?: string }
	| { state: 'starting' | 'stopped' | 'error'; projectUrl: string }
	/** Nothing can be started now; `words` say why, and the cure. */
	| { state: 'away'; projectUrl: string; words: string }
	| { state: 'unknown' };

/**
 * What asks for a preview: a person who looks, for whom a stopped project is started; something that such a page loads
 * or sends; or a web socket, which a forgotten tab keeps for ever, and which is no reason for a project to be awake.
 */
export type PreviewCaller = 'person' | 'page' | 'socket';

export type PreviewOptions = {
	access: PreviewAccess;
	appUrl: URL;
	logger: Logger;
	/** The id of the project that has this slug now. */
	findProjectId(slug: string): Promise<string | undefined>;
	findTarget(projectId: string, by: PreviewCaller): Promise<PreviewTarget>;
};

/** Serves `<slug>.<preview domain>`: a proxy to the project's dev server, web sockets included. */
export type PreviewServer = {
	/** Answers when the request is for a preview host; false when it is not. */
	handle(request: IncomingMessage, response: ServerResponse): boolean;
	upgrade(request: IncomingMessage, socket: Socket, head: Buffer): boolean;
};

export function createPreviewServer(options: PreviewOptions): PreviewServer {
	const { access, logger } = options;
	const proxy = createProxyServer({ xfwd: false });
	proxy.on('proxyRes', (answer, request) => {
		makeSendable(answer);
		for (const name of Object.keys(answer.headers)) {
			if (name.startsWith('access-control-allow-')) delete answer.headers[name];
		}
		const setsCookies = cookiesFor.get(request) ?? [];
		if (setsCookies.length > 0)
			answer.headers['set-cookie'] = [...(answer.headers['set-cookie'] ?? []), ...setsCookies];
		answer.headers['referrer-policy'] ??= 'same-origin';
	});
	// Unasked for another protocol Node lets go of the connection and says nothing: the browser would wait for ever.
	proxy.on('proxyReq', (call) => {
		call.once('upgrade', (_, socket) => {
			socket.destroy();
			call.emit('error', new Error('The site wants another protocol'));
		});
	});
	// Before httpxy's own listeners, which pass on what they get.
	proxy.on('proxyReqWs', (call: ClientRequest) => {
		call.once('response', makeSendable);
	});
	const cookiesFor = new WeakMap<IncomingMessage, string[]>();

	async function serve(slug: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', 'http://preview');
		const id = await options.findProjectId(slug);
		const byToken = access.acceptsToken({ slug, id }, url.searchParams.get(TOKEN_PARAMETER));
		// A stranger does not learn which names there are.
		if (!byToken && !access.acceptsCookies({ slug, id }, request.headers.cookie))
			return previewPage(response, 401, 'locked', options.appUrl.href);
		if (id === undefined) return previewPage(response, 404, 'unknown', options.appUrl.href);
		if (byToken) cookiesFor.set(request, access.cookies({ slug, id }));
		const looks = request.method === 'GET' && (request.headers.accept ?? '*/*').match(/text\/html|\*\/\*/) !== null;
		const target = await options.findTarget(id, looks ? 'person' : 'page');
		if (target.state === 'unknown') return previewPage(response, 404, 'unknown', options.appUrl.href);
		if (target.state !== 'running')
			return previewPage(response, 503, target.state, target.projectUrl, {
				cookies: cookiesFor.get(request) ?? [],
				...(target.state === 'away' && { text: target.words }),
			});
		url.searchParams.delete(TOKEN_PARAMETER);
		request.url = byToken ? `${url.pathname}${url.search}` : (request.url ?? '/');
		prepare(request);
		await proxy.web(request, response, { target: addressOf(target) });
	}

	/** Vite answers 403 to hosts it does not know, and the site has no business with our cookies. */
	function prepare(request: IncomingMessage): void {
		request.headers.host = 'localhost';
		const cookies = access.withoutOwnCookies(request.headers.cookie);
		if (cookies === undefined) delete request.headers.cookie;
		else request.headers.cookie = cookies;
	}

	async function connect(slug: string, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
		const { origin, host, cookie } = request.headers;
		const id = isOwnHost(origin, host) ? await options.findProjectId(slug) : undefined;
		if (id === undefined || !access.acceptsCookies({ slug, id }, cookie)) return refuseUpgrade(socket, '403 Forbidden');
		const target = await options.findTarget(id, 'socket');
		if (target.state !== 'running') return refuseUpgrade(socket, '503 Service Unavailable');
		prepare(request);
		await proxy.ws(request, socket, { target: addressOf(target) }, head);
	}

	return {
		handle(request, response) {
			const slug = access.slugOf(request.headers.host);
			if (slug === undefined) return false;
			serve(slug, request, response).catch((error: unknown) => {
				logger.debug({ err: error, slug }, 'A preview did not answer.');
				if (response.headersSent) response.destroy();
				else previewPage(response, 503, 'starting', options.appUrl.href);
			});
			return true;
		},
		upgrade(request, socket, head) {
			const slug = access.slugOf(request.headers.host);
			if (slug === undefined) return false;
			connect(slug, request, socket, head).catch((error: unknown) => {
				logger.debug({ err: error, slug }, 'A preview socket did not open.');
				socket.destroy();
			});
			return true;
		},
	};
}

/**
 * The site's own server says what it likes. Node throws when it is to send a status that there is not, control
 * characters beside it, or the names of trailers that do not follow; in a stream's callback that would end doce.
 */
function makeSendable(answer: IncomingMessage): void {
	const status = answer.statusCode ?? 0;
	answer.statusCode = status >= 200 && status <= 599 ? status : 502;
	answer.statusMessage = '';
	delete answer.headers.trailer;
}

/** Behind a fence the dev server is reached by a socket, and by nothing else. */
function addressOf({ host, port, socket }: { host: string; port: number; socket?: string }): ProxyTarget {
	const http = { protocol: 'http:', host, port };
	return socket === undefined ? http : { ...http, socketPath: socket };
}
