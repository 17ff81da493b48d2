import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { until } from '../../../../../test/harness/doce.ts';
import { type Connection, openConnection } from './connection.ts';

/* A Docker that answers what a test wants it to. */

const IMAGE = '/images/doce-project:1/json';

let dir: string;
let server: Server;
let events: ServerResponse[];
let connection: Connection;
let waits: number;
let recoveries: number;
let lookAround: () => Promise<void>;
let hostBefore: string | undefined;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-engine-'));
	[events, recoveries, waits] = [[], 0, 0];
	lookAround = async () => undefined;
	hostBefore = process.env['DOCKER_HOST'];
	process.env['DOCKER_HOST'] = `unix://${socket()}`;
	server = await serve();
	connection = openConnection({
		...{ instance: 'abc', image: 'doce-project:1', logger: createLogger('silent') },
		onUp: () => lookAround(),
		onRecovery: () => recoveries++,
		onEvent: () => undefined,
	});
	await connection.known;
	await until(() => connection.trouble() === undefined);
});

afterEach(() => {
	server.closeAllConnections();
	server.close();
	if (hostBefore === undefined) delete process.env['DOCKER_HOST'];
	else process.env['DOCKER_HOST'] = hostBefore;
	rmSync(dir, { recursive: true, force: true });
});

const socket = () => join(dir, 'docker.sock');

async function serve(changes: Record<string, object | undefined> = {}): Promise<Server> {
	rmSync(socket(), { force: true });
	const answers: Record<string, object | undefined> = {
		'/version': { ApiVersion: '1.41', Version: '20.10.24' },
		'/info': { OSType: 'linux' },
		[IMAGE]: {},
		...changes,
	};
	const made = createServer((request, response) => {
		const { pathname } = new URL(request.url ?? '/', 'http://docker');
		if (pathname === '/events') {
			events.push(response);
			response.writeHead(200).flushHeaders();
		} else if (pathname.endsWith('/wait')) {
			waits++;
			response.writeHead(200).flushHeaders();
		} else
			response
				.writeHead(answers[pathname] ? 200 : pathname === IMAGE ? 404 : 500)
				.end(JSON.stringify(answers[pathname] ?? { message: 'busy' }));
	});
	await new Promise<void>((done) => made.listen(socket(), done));
	return made;
}

async function end(): Promise<void> {
	server.closeAllConnections();
	await new Promise((done) => server.close(done));
}

test('what was under way when Docker went away is told so, and what is asked later waits for it', async () => {
	const waiting = connection.whileThere(connection.patient.getContainer('x').wait());
	const told = expect(waiting).rejects.toThrow('Docker went away');
	await until(() => waits === 1);
	await end();
	await told;
	expect(connection.trouble()).toContain('Docker does not answer');
	server = await serve();
	await until(() => connection.trouble() === undefined);
	expect(recoveries).toBe(1);
});

test('a look around that fails is done again, and leaves nothing listening', async () => {
	let looks = 0;
	lookAround = async () => {
		looks++;
		if (looks === 1) throw new Error('busy');
	};
	events[0]?.end();
	await until(() => looks === 2 && connection.trouble() === undefined, 10_000);
	await until(() => events.filter(({ closed }) => !closed).length === 1);
	expect(recoveries).toBe(1);
});

test.each([
	['is too old', { '/version': { ApiVersion: '1.40', Version: '19.03.1' } }, /Docker 19\.03\.1 is too old/],
	['has no image for projects', { [IMAGE]: undefined }, /doce-project:1 is not there\. Build it with/],
])('a Docker that %s is trouble until it is mended', async (_, changes, words) => {
	await end();
	server = await serve(changes);
	await until(() => words.test(connection.trouble() ?? ''), 20_000);
	await end();
	server = await serve();
	await until(() => connection.trouble() === undefined, 20_000);
});
