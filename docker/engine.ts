import { spawn } from 'node:child_process';
import { z } from 'zod';
import { AppError } from '#server/errors.ts';

/** Docker 20.10, which Debian 11 and Ubuntu 22.04 have or have newer. */
const OLDEST_API = '1.41';

export type Ran = { code: number | string | null; stdout: string; stderr: string };

const versionReport = z.object({
	Server: z.object({ ApiVersion: z.string(), Version: z.string(), Os: z.string() }).nullable(),
});

/** Makes sure that a Docker engine answers that is new enough. Throws `AppError('unavailable')` that says what to do. */
export async function checkEngine(): Promise<void> {
	const problem = engineProblem(await docker(['version', '--format', '{{json .}}']));
	if (problem !== undefined) throw new AppError('unavailable', problem);
}

/** What is wrong with the answer of `docker version`, for the person; undefined when nothing is. */
export function engineProblem({ code, stdout, stderr }: Ran): string | undefined {
	if (code === 'ENOENT') {
		return (
			'The docker command was not found. Install Docker (on Debian and Ubuntu `apt install docker.io`, elsewhere ' +
			'from docs.docker.com/engine/install), then try again.'
		);
	}
	const report = versionReport.safeParse(parseJson(stdout));
	const server = report.success ? report.data.Server : null;
	if (server === null) return unreachable(stderr);
	if (isOlder(server.ApiVersion, OLDEST_API)) {
		return `This Docker engine is too old: it is ${server.Version}, and doce needs 20.10 or newer. Update it, then try again.`;
	}
	if (server.Os !== 'linux') return `This Docker engine runs ${server.Os} containers; doce needs one for Linux.`;
	return undefined;
}

function unreachable(stderr: string): string {
	const reason = stderr.trim().split('\n').at(-1) ?? '';
	const cure = /permission denied/i.test(stderr)
		? 'You may not use its socket: run this as root, or as a member of the group `docker`.'
		: 'Is it running (`systemctl start docker`)? DOCKER_HOST names it when it is elsewhere.';
	return `The Docker engine does not answer. ${cure}\n${reason}`.trim();
}

/** `1.9` is older than `1.41`. */
function isOlder(version: string, than: string): boolean {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
	return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

export async function hasImage(name: string): Promise<boolean> {
	return (await docker(['image', 'inspect', '--format', '{{.Id}}', name])).code === 0;
}

/** In bytes, all layers together. */
export async function imageSize(name: string): Promise<number> {
	return Number((await docker(['image', 'inspect', '--format', '{{.Size}}', name])).stdout);
}

/** What it prints is kept: for questions. */
export function docker(argv: string[]): Promise<Ran> {
	return execute(['docker', ...argv], { shown: false });
}

type How = { shown: boolean; cwd?: string; env?: NodeJS.ProcessEnv };

/** Runs to the end. What it prints goes to the person, or is returned; the code is the system's own (`ENOENT`) when there is nothing to run. */
export function execute([program = '', ...args]: string[], { shown, cwd, env }: How): Promise<Ran> {
	return new Promise((done) => {
		const stdio = shown ? 'inherit' : 'pipe';
		const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', stdio, stdio] });
		const printed = { stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr'] as const) {
			child[name]?.setEncoding('utf8').on('data', (text: string) => {
				printed[name] += text;
			});
		}
		child.once('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? 'unknown', ...printed }));
		child.once('close', (code) => done({ code, ...printed }));
	});
}
