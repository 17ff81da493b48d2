import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOpenCode, type OpenCodeAddress, waitUntilHealthy } from '../client.ts';
import { openCodeBinary, openCodeCommand, prepareOpenCodeHome } from '../server.ts';

/** An OpenCode server that is started for one errand in a home of its own, and ended after it. */
export type ShortServer = {
	address: OpenCodeAddress;
	/** The end of what it printed. It may hold secrets: to be searched, never shown. */
	printed(): string;
	hasEnded(): boolean;
	/** Ends it; its home stays, for whoever made it. */
	stop(): Promise<void>;
};

export type Errand = {
	home: string;
	/** Paths of extra plugins; only tests have some. */
	plugins?: string[] | undefined;
	/** Lets it read its own list of every provider, and renew that from the network. */
	wholeCatalog?: boolean;
	/** Added to the recipe's environment. */
	env?: Record<string, string>;
};

/** Ends the program it runs as soon as its own input closes: also when doce is killed, nothing stays behind. */
const LEASH = `
	const [program, ...args] = process.argv.slice(1);
	const child = require('node:child_process').spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
	child.on('error', () => process.exit(1)).on('exit', () => process.exit(0));
	process.stdin.on('end', () => child.kill('SIGKILL')).resume();
`;

/** Prepares the home, starts the server there and waits until it is healthy; what did not get so far is ended. */
export async function startShortServer(errand: Errand, signal: AbortSignal): Promise<ShortServer> {
	const { home, plugins, wholeCatalog = false } = errand;
	const password = randomBytes(24).toString('base64url');
	const extra = plugins === undefined ? {} : { plugins };
	await prepareOpenCodeHome(home, { config: { autoupdate: false, share: 'disabled' }, models: {}, ...extra });
	const command = openCodeCommand({
		binary: openCodeBinary(),
		home,
		port: 0,
		password,
		wholeCatalog,
		printsLog: true,
		...extra,
	});
	const child = spawn(process.execPath, ['-e', LEASH, ...command.argv], {
		cwd: home,
		env: { ...command.env, ...errand.env },
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	try {
		const output = follow(child);
		const address = { host: '127.0.0.1', port: await findPort(output, signal), password, directory: home };
		await waitUntilHealthy(async () => connectOpenCode(address), signal);
		return { address, printed: () => output.text, hasEnded: () => output.ended, stop: () => end(child) };
	} catch (error) {
		await end(child);
		throw error;
	}
}

type Output = { text: string; ended: boolean };

function follow(child: ChildProcess): Output {
	const output = { text: '', ended: false };
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding('utf8').on('data', (chunk: string) => {
			output.text = (output.text + chunk).slice(-100_000);
		});
	}
	child.once('error', () => {
		output.ended = true;
	});
	child.once('exit', () => {
		output.ended = true;
	});
	return output;
}

async function findPort(output: Output, signal: AbortSignal): Promise<number> {
	for (;;) {
		const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output.text)?.[1];
		if (port !== undefined) return Number(port);
		if (output.ended) throw new Error('OpenCode ended before it listened.');
		await sleep(25, undefined, { signal });
	}
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	const gone = once(child, 'exit');
	child.stdin?.end();
	await gone;
}
