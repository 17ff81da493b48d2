import { readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Needle, needlesOf } from './canary.ts';
import type { Life } from './life.ts';
import { searchBrowser } from './places/browser.ts';
import { searchDocker } from './places/docker.ts';
import { type Finding, findingIn, searchFolder } from './places/files.ts';
import { searchMemory } from './places/memory.ts';
import { processesOf, type RunningProcess, searchCommandLine, searchEnvironment } from './places/processes.ts';

export const PLACES = [
	'database, its journal and backups',
	'auth.json of OpenCode',
	'other files of the data folder',
	'site, with its git objects',
	'temporary files',
	'output and logs of doce',
	'environment of every process',
	'command line of every process',
	'memory of the server',
	'memory of the gateway',
	'memory of OpenCode',
	'memory of every other process',
	'answers and live events',
	'pages and storage of the browser',
	'exports and backups',
	'what Docker keeps and shows',
] as const;
export type Place = (typeof PLACES)[number];
export type Findings = Record<Place, Finding[]>;

/** Looks for every secret of a life in every place, in every way of writing it. */
export async function sweep(life: Life, needles = life.kind.secrets().flatMap(needlesOf)): Promise<Findings> {
	const { doce, recorder, page, taken } = life;
	const processes = processesOf(doce.pid(), doce.dataDir);
	const inMemory = (of: (one: RunningProcess) => boolean) =>
		processes.filter(of).flatMap((one) => searchMemory(one, needles));
	return {
		...byFolder(searchFolder(doce.dataDir, needles), doce.dataDir),
		'temporary files': searchTemporary(life, processes, needles),
		'output and logs of doce': findingIn('output of doce', Buffer.from(doce.output()), needles),
		'environment of every process': processes.flatMap((one) => searchEnvironment(one, needles)),
		'command line of every process': processes.flatMap((one) => searchCommandLine(one, needles)),
		'memory of the server': inMemory(({ role }) => role === 'server'),
		'memory of the gateway': inMemory(({ role }) => role === 'gateway'),
		'memory of OpenCode': inMemory(({ role }) => role === 'OpenCode'),
		'memory of every other process': inMemory(({ role }) => role === 'other'),
		'answers and live events': recorder.search(needles),
		'pages and storage of the browser': await searchBrowser(page, needles),
		'exports and backups': searchFolder(taken, needles),
		'what Docker keeps and shows': searchDocker(doce.dataDir, life.startedAt, needles),
	};
}

/** This doce's own temporary folder, those that fenced processes have to themselves, and what is new in everybody's. */
function searchTemporary(
	{ doce, temporary, taken, startedAt }: Life,
	processes: readonly RunningProcess[],
	needles: readonly Needle[],
): Finding[] {
	const search = (root: string, since: number) => {
		// The data folder may lie in the temporary one, and is a place of its own.
		const except = [doce.dataDir, taken, temporary].map((folder) => root + folder);
		return [tmpdir(), '/dev/shm'].flatMap((folder) => searchFolder(root + folder, needles, { since, except }));
	};
	const fenced = viewsOf(processes).flatMap((root) => search(root, 0));
	return [...searchFolder(temporary, needles), ...fenced, ...search('', startedAt)];
}

/** The roots of processes that see other files than we do, each view once. */
function viewsOf(processes: readonly RunningProcess[]): string[] {
	const views = new Map(processes.map(({ pid }) => [viewOf(pid), `/proc/${pid}/root`]));
	views.delete(viewOf('self'));
	views.delete('');
	return [...views.values()];
}

/** Empty for a process that has ended. */
function viewOf(pid: number | 'self'): string {
	try {
		return readlinkSync(`/proc/${pid}/ns/mnt`);
	} catch {
		return '';
	}
}

type ByFolder = Pick<
	Findings,
	| 'database, its journal and backups'
	| 'auth.json of OpenCode'
	| 'other files of the data folder'
	| 'site, with its git objects'
>;

function byFolder(findings: readonly Finding[], dataDir: string): ByFolder {
	const isDatabase = (where: string) =>
		where.startsWith(join(dataDir, 'doce.sqlite')) || where.startsWith(join(dataDir, 'backups/'));
	const isAuth = (where: string) => where.endsWith('/opencode/data/opencode/auth.json');
	const isSite = (where: string) => /\/projects\/[^/]+\/workspace\//.test(where);
	const isKnown = (where: string) => [isDatabase, isAuth, isSite].some((is) => is(where));
	const those = (is: (where: string) => boolean) => findings.filter(({ where }) => is(where));
	return {
		'database, its journal and backups': those(isDatabase),
		'auth.json of OpenCode': those(isAuth),
		'site, with its git objects': those(isSite),
		'other files of the data folder': those((where) => !isKnown(where)),
	};
}
