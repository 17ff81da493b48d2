import { existsSync, lstatSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { readPlain } from '#server/plainFiles.ts';
import { linkModules, noteShared, noteUnshared } from './modules.ts';
import { takePackages } from './spare.ts';
import { type Ended, npmCommand, npmReason, run, type Starter } from './starter.ts';
import { initGit, NOT_TEMPLATE, previewHome } from './workspace.ts';

const INSTALL_FLAGS = [
	...['--ignore-scripts', '--include=dev', '--include=optional', '--prefer-offline', '--no-save', '--no-audit'],
	...['--no-fund', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--loglevel=error', '--color=false'],
];
/** Of a package.json. */
const MOST_BYTES = 1024 * 1024;
/** How many package names a sentence lists. */
const MAX_NAMED = 8;

const packageFile = z.object({
	dependencies: z.record(z.string(), z.string()).optional(),
	devDependencies: z.record(z.string(), z.string()).optional(),
});

type Wanted = Record<string, string>;

/** Runs npm in a folder. What lies there, a stranger may have written, settings of npm's included. */
export type Npm = (args: string[], dir: string) => Promise<Ended>;

type Parts = { dir: string; starter: Starter; npm: Npm; sharesPackages: boolean };

const runNpm: Npm = (args, dir) => run([...npmCommand(), ...args], dir);

/** Whether a workspace has its packages. */
export function isComplete(dir: string): boolean {
	return existsSync(join(dir, 'node_modules')) && !existsSync(unfinishedMark(dir));
}

/**
 * Makes a workspace that came from elsewhere ready to start: packages, a git repository, instructions for the agent, and
 * where it is no Astro site at all the starter's files beside its own. What cannot be had is said, not thrown: the agent
 * can mend it, once the project runs. Cut off, it begins again. Nothing of the project may run: whoever wrote the site may
 * have put links wherever doce looks or writes.
 */
export async function completeWorkspace({
	dir,
	starter,
	npm = runNpm,
	sharesPackages = true,
}: {
	dir: string;
	starter: Starter;
	npm?: Npm;
	sharesPackages?: boolean;
}): Promise<string[]> {
	for (const folder of Object.values(previewHome(dir))) await mkdir(folder, { recursive: true, mode: 0o700 });
	const notes: string[] = [];
	if (!isThere(join(dir, 'package.json'))) {
		await addStarterFiles(dir, starter);
		notes.push(
			'The site had no package.json: the starter was put beside its files. Ask the agent to move its pages in.',
		);
	}
	await addInstructions(dir, starter);
	if (starter.hasGit && !isThere(join(dir, '.git'))) await initGit(dir);
	await writeFile(unfinishedMark(dir), '');
	noteShared(dir);
	await rm(join(dir, 'node_modules'), { recursive: true, force: true });
	const wanted = await readWanted(dir);
	if (wanted === undefined) notes.push('The package.json of the site cannot be read: ask the agent to mend it.');
	notes.push(...(await addPackages({ dir, starter, npm, sharesPackages }, wanted ?? { astro: '*' })));
	if (!sharesPackages) noteUnshared(dir);
	await rm(unfinishedMark(dir));
	return notes;
}

/** Also when it is a link that leads nowhere. */
function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Stands beside the workspace while its packages are installed. */
function unfinishedMark(dir: string): string {
	return `${dir}.installing`;
}

async function addStarterFiles(dir: string, starter: Starter): Promise<void> {
	await cp(starter.template, dir, {
		recursive: true,
		force: false,
		filter: (source) => !NOT_TEMPLATE.has(relative(starter.template, source).split(sep)[0] ?? ''),
	});
}

async function addInstructions(dir: string, starter: Starter): Promise<void> {
	const from = join(starter.template, 'AGENTS.md');
	if (existsSync(from)) await cp(from, join(dir, 'AGENTS.md'), { force: false });
}

async function readWanted(dir: string): Promise<Wanted | undefined> {
	const text = await readPlain(join(dir, 'package.json'), MOST_BYTES);
	if (text === undefined) return undefined;
	try {
		const parsed = packageFile.parse(JSON.parse(text));
		return { ...parsed.devDependencies, ...parsed.dependencies };
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
		throw error;
	}
}

/** The starter's packages where they are enough, which needs no network; else what npm installs. */
async function addPackages({ dir, starter, npm, sharesPackages }: Parts, wanted: Wanted): Promise<string[]> {
	const modules = join(dir, 'node_modules');
	const takeStarters = () => (sharesPackages ? linkModules(starter.modules, modules) : takePackages(starter, modules));
	const lacking: string[] = [];
	for (const [name, range] of Object.entries(wanted)) {
		if (!covers(range, await installedVersion(starter, name))) lacking.push(name);
	}
	const notes = 'astro' in wanted ? [] : [NOT_ASTRO];
	if (lacking.length === 0) {
		await takeStarters();
		return notes;
	}
	const extra = 'astro' in wanted ? [] : [`astro@${await installedVersion(starter, 'astro')}`];
	const ended = await npm(['install', ...INSTALL_FLAGS, ...extra], dir);
	if (ended.code === 0) return [`Installed from the npm registry: ${list(lacking)}.`, ...notes];
	await rm(modules, { recursive: true, force: true });
	await takeStarters();
	const why = ended.code === 'ENOENT' ? 'npm was not found' : `npm: ${npmReason(ended)}`;
	const missing = `These packages could not be installed (${why}): ${list(lacking)}.`;
	return [`${missing} The site starts without them; ask the agent to run npm install.`, ...notes];
}

const NOT_ASTRO =
	'The site does not use Astro, which the preview runs. Ask the agent to move it to Astro, with its pages in src/pages.';

async function installedVersion(starter: Starter, name: string): Promise<string | undefined> {
	const file = join(starter.modules, name, 'package.json');
	if (dirname(file) === starter.modules || !existsSync(file)) return undefined;
	return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

/** Whether a version is surely in a range: exact, `^` and `~` ranges of plain versions, and `*`. */
function covers(range: string, version: string | undefined): boolean {
	if (version === undefined) return false;
	if (range === '*' || range === 'latest' || range === version) return true;
	const wanted = /^([~^])(\d+)\.(\d+)\.(\d+)$/.exec(range);
	const has = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
	if (wanted === null || has === null) return false;
	const [major = 0, minor = 0, patch = 0] = wanted.slice(2).map(Number);
	const [hasMajor = 0, hasMinor = 0, hasPatch = 0] = has.slice(1).map(Number);
	if (hasMajor !== major || (major === 0 && hasMinor !== minor)) return false;
	if (hasMinor === minor) return hasPatch >= patch;
	return wanted[1] === '^' && hasMinor > minor;
}

function list(names: string[]): string {
	const more = names.length - MAX_NAMED;
	return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
