import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Command, type Report, report, type StartCommand } from './control.ts';

const ENTRY = join(import.meta.dirname, 'process/main.ts');
/** All it takes over from the server's environment: nothing of a provider's, nothing of doce's. */
const INHERITED = ['PATH', 'LANG', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];
/** How long it may take to listen, or to end, in ms. */
const START_DEADLINE = 20_000;
const STOP_DEADLINE = 3_000;
/** One that ends so soon after its start is not started again at once, in ms. */
const TOO_SOON = 1_000;

type Wish = Extract<Command, { id: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** Keeps one process running: what ended by itself is started again, with the same port and sockets. */
export type Supervisor = {
	/** The port, once it listens for the first time. Throws when it cannot be started at all. */
	ready(): Promise<number>;
	onReady(listener: (port: number) => void): void;
	/**
	 * Resolves when it has done so, and throws what kept it from that. One that is just being started has nothing to end,
	 * and is told the rest after that.
	 */
	tell(wish: WithoutId<Wish>): Promise<void>;
	pid(): number | undefined;
	stop(): Promise<void>;
};

type Options = { logger: Logger; start: () => StartCommand; onPortTaken: () => void };
type Waiting = { resolve(): void; reject(error: Error): void };

export function createSupervisor({ logger, start, onPortTaken }: Options): Supervisor {
	let child: ChildProcess | undefined;
	let isStopping = false;
	let isListening = false;
	let count = 0;
	const waiting = new Map<number, Waiting>();
	const listeners = new Set<(port: number) => void>();
	/** Whoever waits for it to listen, or to stop for good. */
	let expecting: (() => void)[] = [];
	let first: { resolve(port: number): void; reject(error: Error): void } | undefined;
	const firstPort = new Promise<number>((resolve, reject) => {
		first = { resolve, reject };
	});

	function launch(): void {
		const env = Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
		const startedAt = Date.now();
		const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY], {
			env,
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		child = started;
		isListening = false;
		started.on('message', (message) => hear(report.parse(message)));
		started.once('error', (error) => logger.error({ err: error }, 'The gateway could not be started.'));
		started.once('exit', (code, signal) => ended(startedAt, code ?? signal));
		started.send(start());
	}

	function hear(told: Report): void {
		if (told.type === 'ready') {
			isListening = true;
			first?.resolve(told.port);
			for (const listener of listeners) listener(told.port);
			goOn();
		} else if (told.type === 'done') {
			const wish = waiting.get(told.id);
			waiting.delete(told.id);
			if (told.problem === undefined) wish?.resolve();
			else wish?.reject(new AppError('unavailable', `The gateway could not do its part: ${told.problem}.`));
		} else if (told.portTaken) onPortTaken();
		else logger.error({ problem: told.problem }, 'The gateway has a problem.');
	}

	function goOn(): void {
		const those = expecting;
		expecting = [];
		for (const resolve of those) resolve();
	}

	function ended(startedAt: number, why: number | string | null): void {
		child = undefined;
		isListening = false;
		// What it was told to end has ended with it; what it was told to open it is told again at its start.
		for (const { resolve } of waiting.values()) resolve();
		waiting.clear();
		if (isStopping) return;
		logger.warn({ why }, 'The gateway ended by itself and is started again.');
		setTimeout(() => !isStopping && launch(), Date.now() - startedAt < TOO_SOON ? 500 : 0);
	}

	launch();
	return {
		ready() {
			const late = setTimeout(
				() =>
					first?.reject(new AppError('unavailable', 'The gateway to the providers does not start. The log says why.')),
				START_DEADLINE,
			);
			return firstPort.finally(() => clearTimeout(late));
		},
		onReady: (listener) => void listeners.add(listener),
		async tell(wish) {
			if (!isListening && wish.type === 'cut') return;
			if (!isListening && !isStopping) await new Promise<void>((resolve) => expecting.push(resolve));
			const running = child;
			if (running === undefined || !running.connected) return;
			const id = ++count;
			await new Promise<void>((resolve, reject) => {
				waiting.set(id, { resolve, reject });
				running.send({ ...wish, id } satisfies Command);
			});
		},
		pid: () => (isListening ? child?.pid : undefined),
		async stop() {
			isStopping = true;
			goOn();
			const running = child;
			if (running === undefined || running.exitCode !== null) return;
			const gone = once(running, 'exit');
			if (running.connected) running.send({ type: 'stop' } satisfies Command);
			const late = setTimeout(() => running.kill('SIGKILL'), STOP_DEADLINE);
			await gone;
			clearTimeout(late);
		},
	};
}
