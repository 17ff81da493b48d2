import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectOpenCode, type OpenCode, waitUntilHealthy } from '#server/opencode/client.ts';
import { type ProviderSetup, projectConfig } from '#server/opencode/config.ts';
import { openCodeBinary, openCodeCommand, prepareOpenCodeHome } from '#server/opencode/server.ts';
import { freePort } from './doce.ts';

export type OpenCodeUnderTest = {
	openCode: OpenCode;
	home: string;
	workspace: string;
	address: { host: string; port: number; password: string; directory: string };
	pid(): number;
	/** What the process wrote so far. */
	output(): string;
	/** kill -9, and a new process for the same folders. */
	restart(): Promise<void>;
	/** The process and its folders are gone. */
	destroy(): Promise<void>;
};

/** Starts the real OpenCode for an empty workspace, as a project's would be, and waits until it is healthy and warm. */
export async function startOpenCode(setup: {
	providers: ProviderSetup[];
	instructions?: (workspace: string) => string[];
	/** Paths of extra plugins. */
	plugins?: string[];
	/** Where a project would have them; a folder of their own without it. */
	folders?: { home: string; workspace: string };
	/** Added to the environment it inherits, such as a proxy. */
	env?: Record<string, string>;
}): Promise<OpenCodeUnderTest> {
	const root = mkdtempSync(join(tmpdir(), 'doce-opencode-'));
	const { home, workspace } = setup.folders ?? { home: join(root, 'home'), workspace: join(root, 'workspace') };
	mkdirSync(workspace, { recursive: true });
	const plugins = setup.plugins ?? [];
	const instructions = setup.instructions?.(workspace) ?? [];
	await prepareOpenCodeHome(home, projectConfig({ providers: setup.providers, instructions, plugins }));
	const address = { host: '127.0.0.1', port: await freePort(), password: 'test-password', directory: workspace };
	const openCode = connectOpenCode(address);
	let output = '';
	let child: ChildProcess;

	async function start(): Promise<void> {
		const parent = { ...process.env, ...setup.env };
		const { argv, env } = openCodeCommand({ binary: openCodeBinary(), home, ...address, plugins }, parent);
		const [program = '', ...args] = argv;
		child = spawn(program, args, { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
		for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
		await waitUntilHealthy(async () => openCode, AbortSignal.timeout(60_000));
		await openCode.warm();
	}

	async function kill(): Promise<void> {
		if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		process.kill(-child.pid, 'SIGKILL');
		await gone;
	}

	await start();
	return {
		openCode,
		home,
		workspace,
		address,
		pid: () => child.pid ?? 0,
		output: () => output,
		restart: async () => {
			await kill();
			await start();
		},
		destroy: async () => {
			await kill();
			rmSync(root, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
