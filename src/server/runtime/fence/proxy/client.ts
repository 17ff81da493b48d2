import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import type { Destination } from '../../runtime.ts';
import { CONTROL, type ProxyState } from './state.ts';
import { UPSTREAM_NAMES } from './upstream.ts';

const POLL_MS = 20;
const START_MS = 15_000;
const ANSWER_MS = 5_000;

/** doce's side of the proxy, which is started when the first project needs it. */
export type ProxyClient = {
	allow(projectId: string, project: ProxyState['projects'][string]): Promise<void>;
	allowPackages(hosts: Destination[]): Promise<void>;
	forget(projectId: string): Promise<void>;
	/** Tells a proxy that an earlier doce left what is open now: one without projects ends. */
	settle(): Promise<void>;
};

export function createProxyClient({ root, logger }: { root: string; logger: Logger }): ProxyClient {
	const socketPath = join(root, CONTROL);
	const state: ProxyState = { packages: [], projects: {} };
	let turn: Promise<unknown> = Promise.resolve();
	let watched = false;

	/** One after another, each with the newest state. */
	function tell(): Promise<void> {
		const told = turn.then(send, send);
		turn = told;
		return told;
	}

	async function send(): Promise<void> {
		const isNeeded = Object.keys(state.projects).length > 0;
		let status = await put(socketPath, state);
		if (status === undefined && isNeeded) {
			await startProxy(root, socketPath);
			status = await put(socketPath, state);
		}
		if (isNeeded && status !== 204) {
			throw new AppError('unavailable', "doce's proxy, through which projects reach the network, does not answer.");
		}
		if (isNeeded) watch();
		else if (status === 204) await untilGone(socketPath);
	}

	/** It may end by itself; then another one takes its place. */
	function watch(): void {
		if (watched) return;
		watched = true;
		const call = request({ socketPath, path: '/life' }, (answer) => answer.resume());
		call.on('error', () => undefined);
		call.on('close', () => {
			watched = false;
			if (Object.keys(state.projects).length === 0) return;
			logger.warn("doce's proxy ended by itself; it is started again.");
			tell().catch((error: unknown) => logger.error({ err: error }, "doce's proxy was not started again."));
		});
		call.on('socket', (socket) => socket.unref());
		call.end();
	}

	return {
		settle: tell,
		async allow(projectId, project) {
			state.projects[projectId] = project;
			await tell();
		},
		async allowPackages(hosts) {
			state.packages = hosts;
			if (Object.keys(state.projects).length > 0) await tell();
		},
		async forget(projectId) {
			if (state.projects[projectId] === undefined) return;
			delete state.projects[projectId];
			await tell();
		},
	};
}

/** Starts it in a group of its own, so that it outlives doce with the projects that need it. */
async function startProxy(root: string, socketPath: string): Promise<void> {
	const log = openSync(join(root, 'proxy.log'), 'w', 0o600);
	const argv = ['--max-old-space-size=128', join(import.meta.dirname, 'main.ts'), root];
	const upstream = UPSTREAM_NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
	const env = { NODE_NO_WARNINGS: '1', ...Object.fromEntries(upstream) };
	const child = spawn(process.execPath, argv, { cwd: '/', env, stdio: ['ignore', log, log], detached: true });
	closeSync(log);
	child.unref();
	await Promise.race([untilThere(socketPath, child), failure(child)]);
}

async function failure(child: ChildProcess): Promise<never> {
	const [error] = await once(child, 'error');
	throw error;
}

async function untilThere(socketPath: string, child: ChildProcess): Promise<void> {
	for (let waited = 0; waited < START_MS; waited += POLL_MS) {
		if (child.exitCode !== null || (await isThere(socketPath))) return;
		await sleep(POLL_MS);
	}
}

async function untilGone(socketPath: string): Promise<void> {
	for (let waited = 0; waited < ANSWER_MS && (await isThere(socketPath)); waited += POLL_MS) await sleep(POLL_MS);
}

async function isThere(socketPath: string): Promise<boolean> {
	return (await ask({ socketPath, path: '/', method: 'GET' })) !== undefined;
}

function put(socketPath: string, state: ProxyState): Promise<number | undefined> {
	return ask({ socketPath, path: '/state', method: 'PUT' }, JSON.stringify(state));
}

/** The status of the answer; undefined when nobody is there. */
function ask(to: { socketPath: string; path: string; method: string }, body = ''): Promise<number | undefined> {
	return new Promise((resolve) => {
		const call = request({ ...to, agent: false, timeout: ANSWER_MS }, (answer) => {
			answer.resume().once('end', () => resolve(answer.statusCode));
		});
		call.once('timeout', () => call.destroy());
		call.once('error', () => resolve(undefined));
		call.once('close', () => resolve(undefined));
		call.end(body);
	});
}
