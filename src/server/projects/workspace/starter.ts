import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';

/** What every new workspace starts from. */
export type Starter = {
	/** The template's own files. */
	readonly template: string;
	/** The installed packages: read-only files, linked into each workspace. */
	readonly modules: string;
	/** Without git a workspace works, but OpenCode cannot undo changes. */
	readonly hasGit: boolean;
};

type StarterOptions = {
	dataDir: string;
	logger: Logger;
	/** Another template than doce's own. */
	template?: string;
	/** Fills the folder with the template's installed packages, where that is not npm's work. */
	install?: ((folder: string) => Promise<void>) | undefined;
};

const OWN_TEMPLATE = resolve(import.meta.dirname, '../../../../templates/starter');
const INSTALL_TIMEOUT_MS = 10 * 60_000;
export const INSTALL_FLAGS = [
	...['--ignore-scripts', '--include=optional', '--prefer-offline', '--no-audit', '--no-fund'],
	...['--fetch-retry-mintimeout=1000', '--loglevel=error', '--color=false'],
];

const installing = new Map<string, Promise<void>>();

/**
 * Installs the starter's packages under `<dataDir>/cache/`, once per version of its package files; later calls find them
 * there. Throws `AppError('unavailable')` that says what to do when npm is missing or fails.
 */
export async function ensureStarter({
	dataDir,
	logger,
	template = OWN_TEMPLATE,
	install = npmInstall,
}: StarterOptions): Promise<Starter> {
	const cache = join(dataDir, 'cache');
	const target = join(cache, `starter-${await hashOfPackages(template)}`);
	if (!existsSync(target)) {
		const work = installing.get(target) ?? installStarter({ template, target, logger, install });
		installing.set(target, work);
		await work.finally(() => installing.delete(target));
	}
	const hasGit = (await run(['git', '--version'])).code === 0;
	if (!hasGit) logger.warn('git was not found: projects work, but changes of the agent cannot be undone');
	return { template, modules: join(target, 'node_modules'), hasGit };
}

async function hashOfPackages(template: string): Promise<string> {
	const files = await Promise.all(['package.json', 'package-lock.json'].map((name) => readFile(join(template, name))));
	return files
		.reduce((hash, content) => hash.update(`${content.length}:`).update(content), createHash('sha256'))
		.digest('hex')
		.slice(0, 16);
}

async function installStarter({
	template,
	target,
	logger,
	install,
}: Pick<Required<StarterOptions>, 'template' | 'logger'> & {
	target: string;
	install: (folder: string) => Promise<void>;
}): Promise<void> {
	const started = Date.now();
	const unfinished = `${target}.${process.pid}.tmp`;
	await removeLeftovers(dirname(target));
	await mkdir(unfinished, { recursive: true });
	for (const name of ['package.json', 'package-lock.json']) await cp(join(template, name), join(unfinished, name));
	logger.info('Installing the packages that new projects start from; this happens once');
	await install(unfinished);
	await makeReadOnly(join(unfinished, 'node_modules'));
	try {
		await rename(unfinished, target);
	} catch (error) {
		// Another doce with the same data folder was faster: its result is as good.
		if (!existsSync(target)) throw error;
		await rm(unfinished, { recursive: true });
	}
	logger.info({ ms: Date.now() - started }, 'The packages that new projects start from are installed');
}

async function npmInstall(folder: string): Promise<void> {
	const result = await run([...npmCommand(), 'ci', ...INSTALL_FLAGS, '--prefix', folder], folder);
	if (result.code === 0) return;
	const cause = new Error(`npm ci ended with ${result.code}: ${result.stderr}`);
	if (result.code === 'ENOENT') {
		throw new AppError('unavailable', 'npm was not found. Install it (it comes with Node.js), then try again.', {
			cause,
		});
	}
	const reason = npmReason(result);
	throw new AppError(
		'unavailable',
		`The packages that new projects start from could not be installed (npm: ${reason}). ` +
			'Check that this machine reaches the npm registry (`npm ping`) and that the disk is not full, then try again.',
		{ cause },
	);
}

/** Why npm failed, in its own short code. */
export function npmReason({ code, stderr }: Ended): string {
	return /npm error code (\w+)/.exec(stderr)?.[1] ?? `exit code ${code}`;
}

/** The npm that came with the running Node, else the one on the PATH. */
export function npmCommand(): string[] {
	const own = resolve(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
	return existsSync(own) ? [process.execPath, own] : ['npm'];
}

export type Ended = { code: number | string | null; stderr: string };

/** Runs to the end; the code is the system's own (`ENOENT`) when there is nothing to run, null after a signal. */
export function run(argv: string[], cwd?: string): Promise<Ended> {
	const [program = '', ...args] = argv;
	return new Promise((done) => {
		const child = spawn(program, args, {
			cwd,
			env: withoutOwnSettings(process.env),
			stdio: ['ignore', 'ignore', 'pipe'],
			timeout: INSTALL_TIMEOUT_MS,
		});
		let stderr = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr = (stderr + text).slice(0, 4_000);
		});
		child.once('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? 'unknown', stderr }));
		child.once('close', (code) => done({ code, stderr }));
	});
}

/** npm needs the person's settings and proxies, and none of doce's own. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DOCE_')));
}

/** An agent that edits a linked file in place would edit it for all projects. */
async function makeReadOnly(modules: string): Promise<void> {
	for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const file = join(entry.parentPath, entry.name);
		await chmod(file, (await stat(file)).mode & 0o555);
	}
}

/** Installations that were cut off, and those of earlier versions: workspaces keep what they linked. */
async function removeLeftovers(cache: string): Promise<void> {
	await mkdir(cache, { recursive: true, mode: 0o700 });
	for (const name of await readdir(cache)) {
		const installer = /^starter-.*\.(\d+)\.tmp$/.exec(name)?.[1];
		const inUse = installer !== undefined && isProcess(Number(installer));
		if (name.startsWith('starter-') && !inUse) await rm(join(cache, name), { recursive: true, force: true });
	}
}

function isProcess(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
