import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../../../test/runtimeProjects.ts';
import { createDockerRuntime } from '../../docker.ts';
import type { Limits, Runtime } from '../../runtime.ts';
import { projectImage } from '../image.ts';
import { instanceOf } from '../order/names.ts';

const logger = createLogger('silent');
const programs = new Map([[process.execPath, 'node']]);

/** The image that `npm run docker:build` has made of this checkout. */
export const IMAGE = projectImage(join(import.meta.dirname, '../../../../..'));

/** A Docker runtime with a folder of its own. */
export type Ground = {
	dir: string;
	runtime: Runtime;
	/** The project's folder, which its containers can write to. */
	folderOf(projectId: string): string;
	start(projectId: string, limits?: Partial<Limits>): Promise<void>;
	/** Runs a line of shell beside the project's preview; returns what it wrote, on both streams. */
	shell(projectId: string, line: string): Promise<string>;
	/** Another runtime in the same folder, as after a restart of doce. */
	reopen(): Runtime;
	/** The ids of its containers, running or not, as Docker has them. */
	containers(projectId?: string): string[];
	/** Ends all that runs. */
	stop(): Promise<void>;
	/** Takes its folder away. */
	remove(): void;
};

export function openGround(dir = mkdtempSync(join(tmpdir(), 'doce-run-'))): Ground {
	const open = () => createDockerRuntime({ dir, logger, image: IMAGE, programs, graceMs: 300, diskLookMs: 200 });
	const runtime = open();
	const runtimes = [runtime];
	const folderOf = (projectId: string) => {
		const folder = join(dir, `files-${projectId}`);
		mkdirSync(folder, { recursive: true });
		return folder;
	};
	return {
		...{ dir, runtime, folderOf },
		async start(projectId, limits = {}) {
			const spec = projectOfTinyServers(projectId, folderOf(projectId));
			await runtime.start({ ...spec, limits: { ...spec.limits, ...limits } }, AbortSignal.timeout(60_000));
		},
		async shell(projectId, line) {
			const { stdout, stderr } = await runtime.exec(projectId, ['sh', '-c', line], AbortSignal.timeout(60_000));
			return `${stdout}${stderr}`;
		},
		reopen() {
			const next = open();
			runtimes.push(next);
			return next;
		},
		containers(projectId) {
			const labels = [`dev.doce.instance=${instanceOf(dir)}`];
			if (projectId !== undefined) labels.push(`dev.doce.project=${projectId}`);
			const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
			return docker('ps', '--all', '--quiet', '--no-trunc', ...filters)
				.split('\n')
				.filter(Boolean);
		},
		async stop() {
			for (const one of runtimes) await one.stopAll();
		},
		remove: () => rmSync(dir, { recursive: true }),
	};
}

/** This machine's Docker, past every guard; throws when it refuses. */
export function docker(...argv: string[]): string {
	const env = { PATH: process.env['PATH'] };
	return execFileSync('docker', argv, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
