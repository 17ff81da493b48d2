import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Doce, startDoce } from '../test/harness/doce.ts';

let doce: Doce;
let token: string;

beforeAll(async () => {
	doce = await startDoce();
	token = doce.cli('token', 'create', '--name', 'doors').trim();
});

afterAll(async () => {
	await doce?.destroy();
});

type Answer = { status: number; headers: IncomingMessage['headers']; body: string };

/** One request as it is written here, with no browser's manners; `send` writes the body, and need not end it. */
function knock(
	method: string,
	path: string,
	headers: Record<string, string>,
	send: (call: ClientRequest) => void = (call) => call.end(),
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const { host, port } = new URL(doce.url);
		const call = request({ host: '127.0.0.1', port, method, path, headers: { host, ...headers } }, (answer) => {
			let body = '';
			answer.on('data', (chunk) => (body += chunk));
			answer.on('end', () => {
				resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
				call.destroy();
			});
		});
		call.on('error', reject);
		send(call);
	});
}

const json = { 'content-type': 'application/json' };
const asScript = () => ({ ...json, authorization: `Bearer ${token}` });

/** Sends the head of a request and nothing of the body that it promises. */
const promise = (call: ClientRequest): void => call.flushHeaders();

/** Sends without end, until the answer comes. */
const pour = (call: ClientRequest): void => {
	const chunk = Buffer.alloc(64 * 1024, 'x');
	const more = (): void => {
		if (!call.destroyed && call.write(chunk)) setImmediate(more);
	};
	call.on('drain', more);
	more();
};

test.each(['/api/v1/projects/list', '/_actions/projects.list/'])(
	'%s tells a stranger to sign in before it reads what they send',
	async (path) => {
		const headers = { ...json, origin: doce.url, 'content-length': '1000' };
		expect((await knock('POST', path, headers, promise)).status).toBe(401);
		expect((await knock('POST', path, { ...headers, 'content-length': '999999999999' }, promise)).status).toBe(401);
	},
);

test.each(['/api/v1/nothing/here', '/_actions/nothing.here/', '/_actions/projects.list.orThrow/'])(
	'%s is not there, whatever is sent',
	async (path) => {
		expect((await knock('POST', path, { ...asScript(), 'content-length': '1000' }, promise)).status).toBe(404);
	},
);

test.each(['/api/v1/projects/list', '/_actions/projects.list/'])('%s takes a megabyte and no more', async (path) => {
	const promised = await knock('POST', path, { ...asScript(), 'content-length': '1048577' }, promise);
	expect(promised.status).toBe(413);
	const poured = await knock('POST', path, { ...asScript(), 'transfer-encoding': 'chunked' }, pour);
	expect(poured.status).toBe(413);
	if (path.startsWith('/api/'))
		expect(JSON.parse(poured.body)).toEqual({
			error: { code: 'invalid', message: 'The body is larger than 1 MB. Send less at once.' },
		});
});

test('what Astro brings and doce does not use is not there', async () => {
	const cookie = await signIn();
	for (const path of ['/_image', '/_image?href=/_astro/x.png&f=webp', '/_image/', '/_server-islands/x'])
		expect((await knock('GET', path, { cookie })).status, path).toBe(404);
	expect((await knock('TRACE', '/', {})).status).toBe(405);
	expect(doce.output()).not.toContain('TRACE');
});

/** The cookie of a new sign-in, as a browser would send it. */
async function signIn(): Promise<string> {
	const input = JSON.stringify({ username: 'admin', password: 'correct horse' });
	const answer = await knock('POST', '/api/v1/users/signIn', { ...json, origin: doce.url }, (call) => call.end(input));
	return answer.headers['set-cookie']?.map((cookie) => cookie.split(';')[0]).join('; ') ?? '';
}

/** Opens the live stream: its status, and what comes when it ends. */
function listen(headers: Record<string, string>): Promise<{ status: number; first: string; ended: Promise<void> }> {
	return new Promise((resolve, reject) => {
		const { host, port } = new URL(doce.url);
		const call = request({ host: '127.0.0.1', port, path: '/api/live', headers: { host, ...headers } }, (answer) => {
			const ended = new Promise<void>((end) => answer.once('end', end));
			answer.once('data', (chunk) => resolve({ status: answer.statusCode ?? 0, first: String(chunk), ended }));
		});
		call.on('error', reject).end();
	});
}

test.each(['/', '/signin', '/setup', '/projects/unknown', '/queue', '/no-such-page'])(
	'%s answers HEAD as it answers GET, and nothing else',
	async (path) => {
		for (const cookie of ['', await signIn()]) {
			const got = await knock('GET', path, { cookie });
			const head = await knock('HEAD', path, { cookie });
			expect([head.status, head.headers.location, head.body]).toEqual([got.status, got.headers.location, '']);
			for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
				const answer = await knock(method, path, { cookie, origin: doce.url });
				expect([answer.status, answer.headers.allow], method).toEqual([405, 'GET, HEAD']);
			}
		}
		expect((await knock('POST', path, { origin: 'https://evil.example' })).status).toBe(403);
	},
);

test('live events are for a page of ours, whatever cookie a page of somebody else’s has', async () => {
	const cookie = await signIn();
	expect((await listen({})).status).toBe(401);
	expect((await knock('HEAD', '/api/live', { cookie })).status).toBe(405);
	expect((await listen({ cookie, origin: 'http://blog.localhost:4321' })).status).toBe(403);
	expect((await listen({ cookie, 'sec-fetch-site': 'same-site' })).status).toBe(403);
	expect((await listen({ cookie, 'sec-fetch-site': 'same-origin' })).first).toContain('hello');
});

test('a session that is revoked takes its open live stream with it, and no other', async () => {
	const [lost, kept] = [await signIn(), await signIn()];
	const ask = async (verb: string, cookie: string, input: object) => {
		const headers = { ...json, origin: doce.url, cookie };
		return JSON.parse(
			(await knock('POST', `/api/v1/${verb}`, headers, (call) => call.end(JSON.stringify(input)))).body,
		);
	};
	const [ofLost, ofKept] = [await listen({ cookie: lost }), await listen({ cookie: kept })];
	const { sessions } = await ask('users/listSessions', lost, {});
	const { id } = sessions.find(({ current }: { current: boolean }) => current);
	expect(await ask('users/revokeSession', kept, { sessionId: id })).toEqual({});
	await ofLost.ended;
	let keptEnded = false;
	void ofKept.ended.then(() => (keptEnded = true));
	expect((await listen({ cookie: lost })).status).toBe(401);
	expect(keptEnded).toBe(false);
});

test('an action is called by its own address alone', async () => {
	const answer = await knock('POST', '/api/v1/projects/list?_action=users.signOut', asScript(), (call) =>
		call.end('{}'),
	);
	expect(answer.status).toBe(404);
});
