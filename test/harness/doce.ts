import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SignInExtra } from './entry.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What every data folder would install and list again: kept from one run to the next, and linked into each. */
const SHARED_CACHE = join(ROOT, 'node_modules/.cache/doce-test');

export type Doce = {
	url: string;
	dataDir: string;
	/** What the server wrote so far, on both streams. */
	output(): string;
	pid(): number;
	/** Calls a verb with the API token and throws unless it answers 200. */
	// biome-ignore lint/suspicious/noExplicitAny: tests read what they know to be there.
	call(verb: string, input?: unknown): Promise<any>;
	/** Calls a verb and hands the answer over as it is. */
	request(verb: string, input: unknown, headers?: Record<string, string>): Promise<Response>;
	cli(...args: string[]): string;
	/** kill -9 of the server, and of everything it started when `everything`. */
	kill(everything?: boolean): Promise<void>;
	restart(): Promise<void>;
	stop(): Promise<void>;
	/** `stop`, and the data folder is gone. */
	destroy(): Promise<void>;
};

export type DoceOptions = {
	env?: Record<string, string>;
	dataDir?: string;
	port?: number;
	/** A provider of the test's own to sign in to: its address, and the plugin that knows it. */
	signIn?: SignInExtra;
};

/** Starts the real server on a free port with a data folder of its own and an admin, and waits until it is ready. */
export async function startDoce(options: DoceOptions = {}): Promise<Doce> {
	const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'doce-'));
	shareCache(SHARED_CACHE, join(dataDir, 'cache'));
	const port = options.port ?? (await freePort());
	const env = {
		PATH: process.env['PATH'] ?? '',
		HOME: process.env['HOME'] ?? dataDir,
		NODE_NO_WARNINGS: '1',
		ASTRO_TELEMETRY_DISABLED: '1',
		npm_config_cache: process.env['npm_config_cache'] ?? '',
		DOCE_DATA_DIR: dataDir,
		DOCE_PORT: String(port),
		DOCE_ADMIN_USERNAME: 'admin',
		DOCE_ADMIN_PASSWORD: 'correct horse',
		DOCE_LOG_LEVEL: 'warn',
		...chosenRuntime(),
		...options.env,
	};
	const url = `http://localhost:${port}`;
	const api = `http://127.0.0.1:${port}`;
	let child: ChildProcess;
	let output = '';
	let token = '';

	// A server with something of the test's own starts through an entry of the test's own.
	const { signIn } = options;
	const entry = signIn === undefined ? ['src/server/start.ts'] : ['test/harness/entry.ts', JSON.stringify(signIn)];

	async function start(): Promise<void> {
		child = spawn(process.execPath, entry, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
		await until(async () => {
			if (child.exitCode !== null) throw new Error(`doce ended with ${child.exitCode}:\n${output}`);
			const answer = await fetch(`${api}/api/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
			return answer?.status === 200;
		}, 60_000);
	}

	const cli = (...args: string[]): string =>
		execFileSync(process.execPath, ['src/cli/doce.ts', ...args], { cwd: ROOT, env, encoding: 'utf8' });

	const ask = (verb: string, input: unknown, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
		fetch(`${api}/api/v1/${verb}`, {
			method: 'POST',
			// A connection that lies idle while a command line blocks this process would be closed by the server.
			headers: { 'content-type': 'application/json', connection: 'close', ...headers },
			body: JSON.stringify(input),
		});

	await start();
	if (env.DOCE_ADMIN_USERNAME !== '') token = cli('token', 'create', '--name', 'test').trim();

	const doce: Doce = {
		url,
		dataDir,
		output: () => output,
		pid: () => child.pid ?? 0,
		cli,
		request: ask,
		async call(verb, input = {}) {
			const answer = await ask(verb, input);
			const body = (await answer.json()) as { error?: { message: string } };
			if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${body.error?.message}`);
			return body;
		},
		async kill(everything = false) {
			const children = everything ? descendants(child.pid ?? 0) : [];
			for (const pid of [child.pid ?? 0, ...children]) killHard(pid);
			await exited(child);
		},
		restart: start,
		async stop() {
			child.kill('SIGTERM');
			await exited(child);
		},
		async destroy() {
			if (child.exitCode === null && child.signalCode === null) await doce.stop();
			shareCache(join(dataDir, 'cache'), SHARED_CACHE);
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
	return doce;
}

/** A temporary folder may be on another file system, where nothing can be linked. */
function linkOrCopy(from: string, to: string): void {
	const linked = process.platform === 'linux' && spawnSync('cp', ['-a', '-l', from, to]).status === 0;
	if (linked) return;
	rmSync(to, { recursive: true, force: true });
	execFileSync('cp', ['-a', from, to]);
}

/** Links what `from` has and `to` lacks: whole entries, so that a half-made one is never shared. */
function shareCache(from: string, to: string): void {
	if (!existsSync(from)) return;
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from)) {
		// A catalogue with a test's own plugin in it has a hash in its name, and is for that test alone.
		if (/\.(tmp|new)$|^\.|-[0-9a-f]{16}\.json$/.test(entry) || existsSync(join(to, entry))) continue;
		// Whoever looks meanwhile, in another worker, finds all of it or nothing.
		const unfinished = join(to, `.${entry}.${randomUUID()}`);
		linkOrCopy(join(from, entry), unfinished);
		if (existsSync(join(to, entry))) rmSync(unfinished, { recursive: true });
		else renameSync(unfinished, join(to, entry));
	}
}

/** What a browser sees that opens a preview's address; previews are told apart by their host. */
export function openPreview(previewUrl: string): Promise<{ status: number; body: string }> {
	const { host, port, pathname, search } = new URL(previewUrl);
	return new Promise((resolve, reject) => {
		const call = request({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }, (answer) => {
			let body = '';
			answer.on('data', (chunk) => (body += chunk));
			answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
		});
		call.on('error', reject).end();
	});
}

/** Waits until `check` is true, looking again every 50 ms; throws after `timeout` ms. */
export async function until(check: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> {
	const deadline = Date.now() + timeout;
	while (!(await check())) {
		if (Date.now() > deadline) throw new Error(`Waited ${timeout} ms in vain for: ${check.toString()}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Every process below `pid`, from the process table. */
export function descendants(pid: number): number[] {
	const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
	const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
	const below = (parent: number): number[] =>
		pairs.filter(([, p]) => p === parent).flatMap(([child]) => [child, ...below(child)]);
	return below(pid);
}

/** The process of doce's gateway; undefined while it is being started. */
export function gatewayOf(pid: number): number | undefined {
	const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
	const found = rows.map((row) => /^\s*(\d+)\s+(\d+)\s+doce gateway/.exec(row)).find((row) => Number(row?.[2]) === pid);
	return found == null ? undefined : Number(found[1]);
}

/** Whether a process lives; one that ended and waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
	const rows = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
	return rows !== '' && !rows.startsWith('Z');
}

function killHard(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

function exited(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
	return new Promise((resolve) => child.once('exit', () => resolve()));
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}

/** The stories are the same for every kind of runtime; the command that runs them says which one they are told of. */
export function chosenRuntime(): Record<string, string> {
	const names = ['DOCE_RUNTIME', 'DOCE_PROJECT_IMAGE', 'DOCKER_HOST'];
	return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
