import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createRawServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPreviewServer, type PreviewCaller, type PreviewTarget } from './preview.ts';
import { createPreviewAccess, type PreviewAccess } from './previewAccess.ts';
import { listen, type WebServer } from './server.ts';

let site: Server;
let seen: { url: string | undefined; headers: IncomingHttpHeaders }[];
let web: WebServer;
let access: PreviewAccess;
let target: PreviewTarget;
let callers: PreviewCaller[];
/** The projects by slug. */
let projects: Record<string, string>;

beforeEach(async () => {
	seen = [];
	callers = [];
	site = createServer((incoming, answer) => {
		seen.push({ url: incoming.url, headers: incoming.headers });
		answer.setHeader('access-control-allow-origin', 'http://other.localhost');
		answer.end('the site');
	});
	site.on('upgrade', (_, socket) =>
		socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
	);
	await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
	target = { state: 'running', host: '127.0.0.1', port: (site.address() as AddressInfo).port };
	projects = { blog: 'p1', shop: 'p2' };
	access = createPreviewAccess({ secret: randomBytes(32), publicUrl: new URL('http://localhost:4321') });
	const options = { access, appUrl: new URL('http://localhost:4321'), logger: pino({ level: 'silent' }) };
	const previews = createPreviewServer({
		...options,
		findProjectId: async (slug) => projects[slug],
		findTarget: async (id, by) => {
			callers.push(by);
			return id === projects['blog'] ? target : { state: 'unknown' };
		},
	});
	const pages = { handle: (_: unknown, answer: { end(text: string): void }) => answer.end('doce') };
	web = await listen({ host: '127.0.0.1', port: 0, previews: () => previews, pages: () => pages });
});

afterEach(async () => {
	await web.close();
	site.close();
	site.closeAllConnections();
});

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string };

function get(host: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const call = request({ port: web.port, path, headers: { host, ...headers } }, (answer) => {
			let body = '';
			answer.on('data', (chunk) => (body += chunk));
			answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
		});
		call.on('error', reject).end();
	});
}

const withToken = (slug = 'blog') => {
	const { pathname, search } = new URL(access.url({ id: projects[slug] ?? 'unknown', slug }));
	return pathname + search;
};

test('the address with its token shows the site at once and sets both cookies', async () => {
	const answer = await get('blog.localhost:4321', withToken());
	expect(answer).toMatchObject({ status: 200, body: 'the site' });
	const [tab, frame] = answer.headers['set-cookie'] ?? [];
	expect(tab).toMatch(/HttpOnly.*SameSite=Lax$/);
	expect(frame).toMatch(/SameSite=None; Secure; Partitioned$/);
	expect(seen[0]?.url).toBe('/');
});

test('the cookie opens the site afterwards, and the site sees neither it nor the host', async () => {
	const { headers } = await get('blog.localhost:4321', withToken());
	const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
	expect(await get('blog.localhost:4321', '/about?x=1', { cookie: `${cookie}; own=1` })).toMatchObject({ status: 200 });
	expect(seen[1]).toMatchObject({ url: '/about?x=1', headers: { host: 'localhost', cookie: 'own=1' } });
});

test('nobody gets in without a token or cookie, with those of another project, or with a changed one', async () => {
	expect(await get('blog.localhost:4321', '/')).toMatchObject({ status: 401 });
	expect(await get('blog.localhost:4321', withToken('shop'))).toMatchObject({ status: 401 });
	const [cookie = ''] = access.cookies({ id: 'p2', slug: 'shop' })[0]?.split(';') ?? [];
	expect(await get('blog.localhost:4321', '/', { cookie })).toMatchObject({ status: 401 });
	expect(await get('blog.localhost:4321', withToken().replace(/.$/, '_'))).toMatchObject({ status: 401 });
	expect(seen).toEqual([]);
});

test('headers that open a site to other sites are taken away', async () => {
	const { headers } = await get('blog.localhost:4321', withToken());
	expect(headers).not.toHaveProperty('access-control-allow-origin');
});

test('a stopped project shows a page that waits, not an error of a proxy', async () => {
	target = { state: 'stopped', projectUrl: 'http://localhost:4321/projects/1' };
	const answer = await get('blog.localhost:4321', withToken());
	expect(answer.status).toBe(503);
	expect(answer.body).toContain('Waking the project up');
});

test('while nothing can run, the preview says why and what to do', async () => {
	const words = 'Docker was not found. Install <Docker Engine> & start it.';
	target = { state: 'away', projectUrl: 'http://localhost:4321/projects/1', words };
	const answer = await get('blog.localhost:4321', withToken());
	expect(answer.status).toBe(503);
	expect(answer.body).toContain('Install &#60;Docker Engine&#62; &#38; start it.');
	expect(answer.body).toContain('Projects cannot run now');
});

test('a page, what it loads and its web socket are told apart', async () => {
	const [cookie = ''] = access.cookies({ id: 'p1', slug: 'blog' })[0]?.split(';') ?? [];
	await get('blog.localhost:4321', '/', { cookie, accept: 'text/html' });
	await get('blog.localhost:4321', '/logo.png', { cookie, accept: 'image/png' });
	await openSocket([`cookie: ${cookie}`, 'origin: http://blog.localhost:4321']);
	expect(callers).toEqual(['person', 'page', 'socket']);
});

test('a project that takes the name of a deleted one is closed to whoever saw that one', async () => {
	const { headers } = await get('blog.localhost:4321', withToken());
	const cookie = headers['set-cookie']?.map((one) => one.split(';')[0]).join('; ') ?? '';
	const oldAddress = withToken();
	projects['blog'] = 'p3';
	expect(await get('blog.localhost:4321', '/', { cookie })).toMatchObject({ status: 401 });
	expect(await get('blog.localhost:4321', oldAddress)).toMatchObject({ status: 401 });
	expect(await get('blog.localhost:4321', withToken())).toMatchObject({ status: 200 });
});

test('whoever saw a project is told that it is gone; of a name that nobody has a stranger learns nothing', async () => {
	expect(await get('shop.localhost:4321', withToken('shop'))).toMatchObject({ status: 404 });
	const address = withToken();
	const { headers } = await get('blog.localhost:4321', address);
	const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
	delete projects['blog'];
	expect(await get('blog.localhost:4321', address)).toMatchObject({ status: 404 });
	expect(await get('blog.localhost:4321', '/', { cookie })).toMatchObject({ status: 404 });
	const [missing, there] = [await get('nope.localhost:4321', '/'), await get('shop.localhost:4321', '/')];
	expect(there.status).toBe(401);
	expect({ ...missing, headers: {} }).toEqual({ ...there, headers: {} });
	expect(await get('nope.localhost:4321', address)).toMatchObject({ status: 401 });
});

test('doce itself is on its own host', async () => {
	expect(await get('localhost:4321', '/')).toMatchObject({ body: 'doce' });
});

test('a web socket needs the cookie, and a page of this very preview', async () => {
	const [cookie = ''] = access.cookies({ id: 'p1', slug: 'blog' })[0]?.split(';') ?? [];
	expect(await openSocket([`cookie: ${cookie}`])).toContain('403');
	expect(await openSocket(['origin: http://blog.localhost:4321'])).toContain('403');
	for (const origin of ['http://shop.localhost:4321', 'http://localhost:4321', 'https://evil.example', 'null'])
		expect(await openSocket([`cookie: ${cookie}`, `origin: ${origin}`]), origin).toContain('403');
	expect(await openSocket([`cookie: ${cookie}`, 'origin: http://blog.localhost:4321'])).toContain('101');
});

test.each([
	['a status below 100', '099 X', [], 502],
	['a status above 599', '999 X', [], 502],
	['control characters beside the status', '200 a\u0001b', [], 200],
	['trailers that cannot follow', '200 OK', ['Trailer: x'], 200],
])(
	'a site that answers with %s is passed on as far as it makes sense, and doce goes on',
	async (_, status, headers, expected) => {
		const lines = [`HTTP/1.1 ${status}`, ...headers, 'Content-Length: 2', 'Connection: close'];
		const odd = createRawServer((socket) => {
			socket.on('error', () => socket.destroy());
			socket.once('data', () => socket.end(`${lines.join('\r\n')}\r\n\r\nhi`));
		}).listen(0, '127.0.0.1');
		await once(odd, 'listening');
		target = { state: 'running', host: '127.0.0.1', port: (odd.address() as AddressInfo).port };
		expect(await get('blog.localhost:4321', withToken())).toMatchObject({ status: expected, body: 'hi' });
		const [cookie = ''] = access.cookies({ id: 'p1', slug: 'blog' })[0]?.split(';') ?? [];
		const answer = await openSocket([`cookie: ${cookie}`, 'origin: http://blog.localhost:4321']);
		expect(answer).toBe(`HTTP/1.1 ${expected} `);
		odd.close();
	},
);

test('a site that wants another protocol, unasked, is waited for no longer', async () => {
	const odd = createRawServer((socket) => {
		socket.on('error', () => socket.destroy());
		socket.once('data', () => socket.write('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'));
	}).listen(0, '127.0.0.1');
	await once(odd, 'listening');
	target = { state: 'running', host: '127.0.0.1', port: (odd.address() as AddressInfo).port };
	expect(await get('blog.localhost:4321', withToken())).toMatchObject({ status: 503 });
	odd.close();
});

/** The first line of what a browser gets that wants a web socket. */
function openSocket(headers: string[]): Promise<string> {
	return new Promise((resolve) => {
		const socket = connect(web.port, '127.0.0.1', () => {
			const lines = [
				'GET / HTTP/1.1',
				'host: blog.localhost:4321',
				'connection: Upgrade',
				'upgrade: websocket',
				...headers,
			];
			socket.write(`${lines.join('\r\n')}\r\n\r\n`);
		});
		socket.once('data', (data) => resolve(data.toString().split('\r\n')[0] ?? ''));
	});
}

test('doce’s own name below the preview domain is not a preview', () => {
	const publicUrl = new URL('https://doce.example.com');
	const access = createPreviewAccess({ secret: randomBytes(32), publicUrl, previewDomain: 'example.com' });
	expect(access.slugOf('doce.example.com')).toBeUndefined();
	expect(access.slugOf('blog.example.com')).toBe('blog');
});
