import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { AppError } from '#server/errors.ts';
import { linkModules, noteUnshared } from './modules.ts';
import { takePackages } from './spare.ts';
import type { Starter } from './starter.ts';

/** What a run of the template itself leaves behind; never part of a new site. */
export const NOT_TEMPLATE = new Set(['node_modules', 'dist', '.astro', '.git']);
const GIT_TIMEOUT_MS = 10_000;

/** Children get a fixed PATH instead of doce's environment: nothing of that is a project's business. */
const PATH = [dirname(process.execPath), '/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/bin'].join(':');

/**
 * Starts Astro's dev server by its own API rather than its command line: what is said here wins over the project's
 * config, so that no edit can move the preview to another port, and `astro dev stop` cannot find it.
 */
const PREVIEW_PROGRAM = `import { dev } from 'astro';
const port = Number(process.argv[1]);
await dev({ root: process.cwd(), server: { host: '127.0.0.1', port }, devToolbar: { enabled: false }, vite: { server: { strictPort: true } } });
`;

/**
 * Makes a new site in `dir`, whose parent is the project's own folder: the template's files, the starter's packages, an
 * empty git repository. Does nothing when `dir` exists: it appears complete, or not at all. Takes well under a second,
 * and with packages that are not shared with other sites a few.
 */
export async function createWorkspace({
	dir,
	starter,
	sharesPackages = true,
}: {
	dir: string;
	starter: Starter;
	sharesPackages?: boolean;
}): Promise<void> {
	for (const folder of Object.values(previewHome(dir))) await mkdir(folder, { recursive: true, mode: 0o700 });
	if (existsSync(dir)) return;
	const unfinished = `${dir}.new`;
	await rm(unfinished, { recursive: true, force: true });
	await cp(starter.template, unfinished, {
		recursive: true,
		filter: (source) => !NOT_TEMPLATE.has(relative(starter.template, source).split(sep)[0] ?? ''),
	});
	const modules = join(unfinished, 'node_modules');
	await (sharesPackages ? linkModules(starter.modules, modules) : takePackages(starter, modules));
	if (starter.hasGit) await initGit(unfinished);
	await rename(unfinished, dir);
	if (!sharesPackages) noteUnshared(dir);
}

/** Removes a workspace and the preview's own folder beside it. The project must not be running. */
export async function deleteWorkspace(dir: string): Promise<void> {
	for (const path of [dir, `${dir}.new`, dirname(previewHome(dir).HOME)])
		await rm(path, { recursive: true, force: true });
}

/** How to run the workspace's dev server. Its memory limits are Node's arguments: as NODE_OPTIONS children would inherit them. */
export function previewCommand({ workspace, port }: { workspace: string; port: number }): {
	argv: string[];
	env: Record<string, string>;
	cwd: string;
	niceness: number;
} {
	const limits = ['--max-old-space-size=192', '--max-semi-space-size=2'];
	return {
		argv: [process.execPath, ...limits, '--input-type=module', '--eval', PREVIEW_PROGRAM, String(port)],
		env: {
			PATH,
			...previewHome(workspace),
			// The bundler's allocator takes huge pages where it may: 380 MB resident instead of 230.
			MIMALLOC_ALLOW_THP: '0',
			NODE_ENV: 'development',
			ASTRO_TELEMETRY_DISABLED: '1',
			ASTRO_DISABLE_UPDATE_CHECK: 'true',
			NO_COLOR: '1',
		},
		cwd: workspace,
		// Its start keeps a core busy for seconds, while the agent's first steps take milliseconds.
		niceness: 10,
	};
}

/** Everything that the agent and the dev server of a site write to, OpenCode's own folders apart. */
export function workspaceFolders(workspace: string): string[] {
	return [workspace, ...Object.values(previewHome(workspace))];
}

/** The dev server's home and temporary folder: inside the project's folder, outside of the site. */
export function previewHome(workspace: string): { HOME: string; TMPDIR: string } {
	const folder = join(dirname(workspace), 'preview');
	return { HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp') };
}

/** A repository without a commit is all that OpenCode needs to undo changes. */
export async function initGit(dir: string): Promise<void> {
	const argv = ['-c', 'init.defaultBranch=main', 'init', '--quiet', '--template=', '.'];
	const env = { PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
	const child = spawn('git', argv, { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'], timeout: GIT_TIMEOUT_MS });
	const complaints: Buffer[] = [];
	child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
	const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
	if (code === 0) return;
	throw new AppError('unavailable', 'A git repository could not be made for the project. Is the disk full?', {
		cause: new Error(`git init ended with ${code}: ${Buffer.concat(complaints).toString('utf8')}`),
	});
}
