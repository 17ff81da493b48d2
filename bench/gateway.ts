import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type GatewayFixture, openGateway, REAL_KEY } from '../src/server/gateway/testing/fixture.ts';
import { freePort, until } from '../test/harness/doce.ts';

/**
 * `npm run bench:gateway`: the same calls to the same provider, directly, through doce and through Portkey's gateway,
 * in one run and in turns. Ratios are worth more than figures: those are one machine's own.
 */
const TURNS = 400;
const SHORT_STREAMS = 5_000;
const AT_ONCE = 32;
const OPEN_STREAMS = 1_000;
const CUT_STREAMS = 500;
/** As many as a project may have, so that no project is at its limit. */
const PER_PROJECT = 15;

type Way = {
	name: string;
	port: number;
	path: string;
	/** Of the nth caller. */
	headers(n: number): Record<string, string>;
	/** The process in the middle; undefined where there is none. */
	pid?: number | undefined;
	agent: Agent;
};

type Figures = { firstByte: number; perSecond: number; cpu?: number; megabytes?: number; errors: number; cut?: number };

const upstream = fork(join(import.meta.dirname, 'gatewayUpstream.ts'));
const [upstreamPort] = (await once(upstream, 'message')) as [number];
const fixture = await openGateway();
const portkey = await startPortkey();
const doce = await doceWay(fixture);
const ways = [directWay(), doce.way, portkey.way];

const figures = new Map(ways.map((way) => [way.name, { errors: 0 } as Figures]));
// Memory while all is new, and times once all is warm.
for (const way of ways) await measureOpenStreams(way);
for (const way of ways) await measureThroughput(way);
await measureFirstByte();
print();

portkey.child.kill('SIGKILL');
upstream.disconnect();
await fixture.close();
process.exit(0);

function directWay(): Way {
	const headers = () => ({ authorization: `Bearer ${REAL_KEY}` });
	return { name: 'direct', port: upstreamPort, path: '/v1/chat/completions', headers, agent: newAgent() };
}

async function doceWay({ connect, addProject, token, gateway }: GatewayFixture) {
	const connection = await connect(`http://127.0.0.1:${upstreamPort}/v1`);
	const tokens: string[] = [];
	for (let n = 0; n * PER_PROJECT < OPEN_STREAMS; n++) tokens.push(await token(await addProject(), connection));
	const way: Way = {
		name: 'doce',
		port: gateway.port(),
		path: `/${connection.id}/chat/completions`,
		headers: (n) => ({ authorization: `Bearer ${tokens[n % tokens.length]}` }),
		pid: gateway.pid(),
		agent: newAgent(),
	};
	return { way, cut: () => gateway.cut({ connectionId: connection.id }) };
}

async function startPortkey(): Promise<{ way: Way; child: ChildProcess }> {
	const port = await freePort();
	const root = dirname(createRequire(import.meta.url).resolve('@portkey-ai/gateway/package.json'));
	const child = spawn(process.execPath, [join(root, 'build/start-server.js'), `--port=${port}`, '--headless'], {
		env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' },
		stdio: 'ignore',
	});
	await until(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) !== undefined);
	const headers = () => ({
		authorization: `Bearer ${REAL_KEY}`,
		'x-portkey-provider': 'openai',
		'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
	});
	return {
		child,
		way: { name: 'portkey', port, path: '/v1/chat/completions', headers, pid: child.pid, agent: newAgent() },
	};
}

function newAgent(): Agent {
	return new Agent({ keepAlive: true, maxSockets: OPEN_STREAMS * 2 });
}

type Stream = { firstByte: number; answer: IncomingMessage; ended: Promise<boolean> };

/** Opens a stream; `ended` tells whether it came to its end. Throws when it is refused. */
function open(way: Way, n: number, model = 'fast'): Promise<Stream> {
	const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hi '.repeat(200) }] });
	const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...way.headers(n) };
	const before = performance.now();
	return new Promise((resolve, reject) => {
		const call = request(
			{ host: '127.0.0.1', port: way.port, path: way.path, method: 'POST', headers, agent: way.agent },
			(answer) => {
				if (answer.statusCode !== 200) {
					answer.resume();
					return reject(new Error(`${way.name} answered ${answer.statusCode}`));
				}
				const ended = new Promise<boolean>((settle) => {
					answer.once('end', () => settle(true));
					answer.once('error', () => settle(false));
					answer.once('close', () => settle(answer.complete));
				});
				answer.once('data', () => resolve({ firstByte: performance.now() - before, answer, ended }));
				answer.resume();
			},
		);
		call.once('error', reject);
		call.end(body);
	});
}

async function measureFirstByte(): Promise<void> {
	const times = new Map(ways.map((way) => [way.name, [] as number[]]));
	for (let turn = -50; turn < TURNS; turn++) {
		for (const way of ways) {
			const { firstByte, ended } = await open(way, turn + 50);
			await ended;
			if (turn >= 0) times.get(way.name)?.push(firstByte);
		}
	}
	for (const way of ways) figuresOf(way).firstByte = median(times.get(way.name) ?? []);
}

async function measureThroughput(way: Way): Promise<void> {
	// As long again before it counts: what has just begun is not yet what it will be.
	await run(way, SHORT_STREAMS);
	const before = way.pid === undefined ? 0 : cpuOf(way.pid);
	const started = performance.now();
	await run(way, SHORT_STREAMS);
	const figure = figuresOf(way);
	figure.perSecond = SHORT_STREAMS / ((performance.now() - started) / 1_000);
	if (way.pid !== undefined) figure.cpu = (cpuOf(way.pid) - before) / SHORT_STREAMS;
}

async function run(way: Way, count: number): Promise<void> {
	let next = 0;
	const caller = async (): Promise<void> => {
		while (next < count) {
			const stream = await open(way, next++).catch(() => undefined);
			if (!(await stream?.ended)) figuresOf(way).errors++;
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

async function measureOpenStreams(way: Way): Promise<void> {
	const figure = figuresOf(way);
	const before = way.pid === undefined ? 0 : memoryOf(way.pid);
	const streams: Stream[] = [];
	for (let n = 0; n < OPEN_STREAMS; n += 50) {
		const opened = await Promise.allSettled(Array.from({ length: 50 }, (_, at) => open(way, n + at, 'slow')));
		for (const each of opened) {
			if (each.status === 'fulfilled') streams.push(each.value);
			else figure.errors++;
		}
	}
	await pause(2_000);
	if (way.pid !== undefined) figure.megabytes = memoryOf(way.pid) - before;
	for (const { answer } of streams.slice(CUT_STREAMS)) answer.destroy();
	await pause(500);
	const left = streams.slice(0, CUT_STREAMS).map(({ ended }) => ended);
	if (way === doce.way) {
		const started = performance.now();
		await Promise.all([doce.cut(), ...left]);
		figure.cut = performance.now() - started;
	}
	for (const { answer } of streams) answer.destroy();
	await pause(500);
}

function print(): void {
	const direct = figuresOf(ways[0] as Way);
	const rows: [string, (figure: Figures) => string, string][] = [
		['time to first byte, median of one at a time', ({ firstByte }) => `${firstByte.toFixed(2)} ms`, ''],
		[
			'added time to first byte',
			({ firstByte }) => `${(firstByte - direct.firstByte).toFixed(2)} ms`,
			'≤ 1 ms, and a tenth of Portkey’s',
		],
		[`short streams a second, ${AT_ONCE} at a time`, ({ perSecond }) => perSecond.toFixed(0), ''],
		['CPU for a short stream', ({ cpu }) => (cpu === undefined ? '' : `${cpu.toFixed(2)} ms`), '≤ 0.25 ms'],
		[
			`memory of ${OPEN_STREAMS} open streams`,
			({ megabytes }) => (megabytes === undefined ? '' : `${megabytes.toFixed(0)} MB`),
			'≤ 120 MB',
		],
		[
			`to cut ${CUT_STREAMS} streams`,
			({ cut }) => (cut === undefined ? 'no way to' : `${cut.toFixed(0)} ms`),
			'≤ 1,000 ms',
		],
		['errors', ({ errors }) => String(errors), '0'],
	];
	console.log(`${'figure'.padEnd(46)}${ways.map(({ name }) => name.padStart(12)).join('')}   aim`);
	for (const [name, show, bar] of rows) {
		console.log(`${name.padEnd(46)}${ways.map((way) => show(figuresOf(way)).padStart(12)).join('')}   ${bar}`);
	}
}

function figuresOf({ name }: Way): Figures {
	const found = figures.get(name);
	if (found === undefined) throw new Error(`Nothing is measured of ${name}.`);
	return found;
}

function median(values: number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What a process has used of a processor, in ms: the kernel counts in hundredths of a second. */
function cpuOf(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory in MB. */
function memoryOf(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
