import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, until } from '../../test/harness/doce.ts';

/** A Docker engine of a test's own, which may be killed, and whose disk may be filled. Takes root. */
export type OwnEngine = {
	/** For `DOCKER_HOST`. */
	host: string;
	docker(...argv: string[]): string;
	start(): Promise<void>;
	/** As `systemctl stop docker` does. */
	stop(): Promise<void>;
	/** As a crash does: what runs in containers goes on. */
	kill(): Promise<void>;
	/** Takes all of the room that its disk has left; returns the way to give it back. */
	fillDisk(): () => void;
	close(): Promise<void>;
};

const DISK = '1500m';
/** It ends what it finds running first, each container with the ten seconds that it has for that. */
const START_MS = 120_000;

/** Starts an engine whose disk is small and in memory, with an image that the machine's own engine has. */
export async function startEngine(image: string): Promise<OwnEngine> {
	// Short, since a path of a socket is.
	const dir = mkdtempSync(join(tmpdir(), 'dk-'));
	const disk = join(dir, 'data');
	const host = `unix://${dir}/docker.sock`;
	let child: ChildProcess | undefined;
	mkdirSync(disk);
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'doce-test', disk]);
	const log = join(dir, 'log');
	const launch = (command: string, argv: string[]): ChildProcess => {
		const output = openSync(log, 'a');
		const launched = spawn(command, argv, { stdio: ['ignore', output, output] });
		closeSync(output);
		return launched;
	};
	// A service of its own, as Debian has it, which outlives Docker.
	const containerd = join(dir, 'containerd.sock');
	const places = ['--root', join(disk, 'containerd'), '--state', join(dir, 'state'), '--address', containerd];
	const service = launch('containerd', places);

	const docker = (...argv: string[]) =>
		execFileSync('docker', ['--host', host, ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

	async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		if (child === undefined || hasEnded(child)) return;
		child.kill(signal);
		await once(child, 'exit');
	}

	const engine: OwnEngine = {
		...{ host, docker },
		async start() {
			const own = ['--data-root', disk, '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')];
			// In a network of its own besides: a Docker without a bridge takes away the one of the machine's Docker.
			const network = ['--bridge', 'none', '--iptables=false', '--ip-forward=false'];
			const options = ['--host', host, '--containerd', containerd, ...own, ...network];
			await until(() => {
				// Again when it gives up, as systemd does: what it finds running may be in its way at first.
				if (hasEnded(child)) child = launch('unshare', ['--net', 'dockerd', ...options]);
				return answers(docker);
			}, START_MS).catch((cause: unknown) => {
				const said = readFileSync(log, 'utf8').split('\n').slice(-30).join('\n');
				throw new Error(`Docker did not start:\n${said}`, { cause });
			});
		},
		stop: () => end('SIGTERM'),
		kill: () => end('SIGKILL'),
		fillDisk() {
			const file = join(disk, 'full');
			const { bavail, bsize } = statfsSync(disk);
			try {
				writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - 4_096 * 4)));
			} catch (error) {
				// What is written meanwhile has the rest.
				if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
			}
			return () => rmSync(file);
		},
		async close() {
			await end('SIGTERM');
			service.kill();
			// One that was killed has left what it started.
			for (const pid of pidsOf(dir)) {
				process.kill(pid, 'SIGKILL');
				await until(() => !isRunning(pid));
			}
			for (const mounted of mountsBelow(dir)) execFileSync('umount', ['--lazy', mounted]);
			rmSync(dir, { recursive: true, force: true });
		},
	};
	await engine.start();
	execFileSync('sh', ['-c', 'docker save "$1" | docker --host "$2" load', 'sh', image, host], { stdio: 'ignore' });
	return engine;
}

function hasEnded(child: ChildProcess | undefined): boolean {
	return child === undefined || child.exitCode !== null || child.signalCode !== null;
}

function answers(docker: OwnEngine['docker']): boolean {
	try {
		return docker('version', '--format', '{{.Server.Version}}') !== '';
	} catch {
		return false;
	}
}

function pidsOf(dir: string): number[] {
	const rows = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
	return rows.filter((row) => row.includes(dir)).map((row) => Number.parseInt(row.trim(), 10));
}

/** The innermost first. */
function mountsBelow(dir: string): string[] {
	const rows = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' }).trim().split('\n');
	return rows
		.map((row) => row.split(' ')[1] ?? '')
		.filter((path) => path.startsWith(`${dir}/`))
		.reverse();
}
