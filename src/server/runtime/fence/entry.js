// What runs first inside the fence. It starts the real command, ends with it, and joins ports of the fence's own
// 127.0.0.1 to the few sockets that lead out and in. Plain JavaScript; of ours only `usage.js` lies beside it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { constants, setPriority } from 'node:os';
import { pipeline } from 'node:stream';
import { usageOf } from './usage.js';

const WATCH_MS = 2_000;
const RETRY_MS = 500;

const { outward, inward, proxy, niceness, memoryBytes, processes, threads } = JSON.parse(process.argv[2] ?? '');
const [program = '', ...args] = process.argv.slice(3);

// The command gets the signals of its group itself; this process ends when the command has.
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => undefined);
if (niceness > 0) setPriority(niceness);
for (const { socket } of outward) rmSync(socket, { force: true });
await Promise.all(
	[
		...outward.map(({ socket, port }) => [{ path: socket }, { port, host: '127.0.0.1' }]),
		...[...inward, proxy].map(({ port, socket }) => [{ port, host: '127.0.0.1' }, { path: socket }]),
	].map(([from, to]) =>
		once(
			listen(from, (one) => couple(one, reach(to))),
			'listening',
		),
	),
);

const child = spawn(program, args, { stdio: 'inherit' });
child.once('error', (error) => {
	process.stderr.write(`doce: ${program} could not be started: ${error.message}\n`);
	process.exit(127);
});
child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
setInterval(watchLimits, WATCH_MS);
openTunnels(new Map());

/** Hands every connection to `where` over. Without `onError`, a place that cannot be had ends everything. */
function listen(where, handle, onError = giveUp) {
	const server = createServer({ allowHalfOpen: true }, handle);
	server.on('error', (error) => onError(error, where));
	server.listen(where);
	return server;
}

function giveUp(error, where) {
	process.stderr.write(`doce: the fence cannot listen on ${where.path ?? where.port}: ${error.message}\n`);
	process.exit(1);
}

function reach(where) {
	return connect({ ...where, allowHalfOpen: true });
}

function couple(one, other) {
	pipeline(one, other, () => undefined);
	pipeline(other, one, () => undefined);
}

/** Keeps a tunnel for each destination on the machine outside: the proxy says which there are, and when that changes. */
async function openTunnels(tunnels) {
	const { get } = await import('node:http');
	const have = [...tunnels.keys()].join(',');
	const ask = get({ socketPath: proxy.socket, path: `/tunnels?have=${encodeURIComponent(have)}` }, (answer) => {
		let text = '';
		answer.setEncoding('utf8').on('data', (part) => {
			text += part;
		});
		answer.on('end', () => {
			if (answer.statusCode !== 200 || !answer.complete) return void setTimeout(openTunnels, RETRY_MS, tunnels);
			replaceTunnels(tunnels, JSON.parse(text)).then(openTunnels);
		});
		answer.on('error', () => setTimeout(openTunnels, RETRY_MS, tunnels));
	});
	ask.on('error', () => setTimeout(openTunnels, RETRY_MS, tunnels));
}

async function replaceTunnels(tunnels, wanted) {
	for (const [name, server] of tunnels) {
		if (wanted.includes(name)) continue;
		server.close();
		tunnels.delete(name);
	}
	for (const name of wanted.filter((each) => !tunnels.has(each))) {
		const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(name) ?? [];
		const at = host === 'localhost' ? '127.0.0.1' : host;
		// A port that the project has taken itself is its own affair.
		const server = listen(
			{ host: at, port: Number(port) },
			(one) => tunnel(one, name),
			() => undefined,
		);
		tunnels.set(name, server);
		await new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
	}
	return tunnels;
}

/** Asks the proxy for a connection to the destination, and couples the two once it has agreed. */
function tunnel(one, name) {
	const other = reach({ path: proxy.socket });
	let head = Buffer.alloc(0);
	one.on('error', () => other.destroy());
	other.on('error', () => one.destroy()).on('close', () => one.destroy());
	other.on('data', function read(part) {
		head = Buffer.concat([head, part]);
		const end = head.indexOf('\r\n\r\n');
		if (end < 0) return;
		other.off('data', read).removeAllListeners('close');
		if (!head.toString('latin1', 0, end).startsWith('HTTP/1.1 200')) return void one.destroy();
		one.write(head.subarray(end + 4));
		couple(one, other);
	});
	other.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
}

/** Ends the biggest process when together they hold too much memory, and everything when there are too many. */
function watchLimits() {
	const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== '1' && name !== `${process.pid}`);
	if (others.length > processes) return endAll(`${processes} processes`);
	const held = usageOf(others.map(Number), memoryBytes);
	if (held.threads > threads) return endAll(`${threads} threads`);
	const biggest = held.sizes[0];
	if (held.bytes <= memoryBytes || biggest === undefined) return;
	const mb = Math.round(memoryBytes / 1024 / 1024);
	process.stderr.write(`doce: process ${biggest.pid} was ended: together they held more than ${mb} MB of memory.\n`);
	try {
		process.kill(biggest.pid, 'SIGKILL');
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
	}
}

function endAll(limit) {
	process.stderr.write(`doce: ended, since there were more than ${limit}.\n`);
	process.exit(137);
}
