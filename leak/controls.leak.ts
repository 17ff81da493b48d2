import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageOf } from '#server/runtime/docker/image.ts';
import { instanceOf } from '#server/runtime/docker/order/names.ts';
import { until } from '../test/harness/doce.ts';
import { untilPrompt } from '../test/harness/project.ts';
import { makeCanary, type Needle, needlesOf } from './canary.ts';
import { OPEN_KIND } from './kinds.ts';
import { begin, type Life } from './life.ts';
import { isInContainers } from './places/docker.ts';
import { ofAnybody } from './places/files.ts';
import { waysIn } from './places/needles.ts';
import { processesOf } from './places/processes.ts';
import { type Findings, PLACES, type Place, sweep } from './sweep.ts';

/*
 * The sweep says that nothing is there: here it has to find what was put there, in every place and way of writing it.
 */

const CANARY = makeCanary('sk-planted');
const NEEDLES = needlesOf(CANARY);
const PLANTED = planted(NEEDLES);
/** What texts without zero bytes can hold. */
const IN_TEXT = NEEDLES.filter(({ way }) => !way.startsWith('UTF-16'));
const TEXT = planted(IN_TEXT).toString('latin1');
const TEXT_ONLY: readonly Place[] = [
	'environment of every process',
	'command line of every process',
	'pages and storage of the browser',
];

let life: Life;
let found: Findings;
const children: ChildProcess[] = [];
const CONTAINER = 'doce-planted';
const outside = mkdtempSync(join(tmpdir(), 'doce-planted-'));

beforeAll(async () => {
	life = await begin(await OPEN_KIND['API key']('sealed'));
	await plantInFence();
	plantInFiles();
	await plantInBrowser();
	if (isInContainers) plantInDocker();
	const server = plantInProcess('server');
	for (const name of ['doce gateway', '/x/opencode serve', 'other']) plantInProcess(name);
	await until(() => processesOf(server, life.doce.dataDir).filter(({ pid }) => isOurs(pid)).length === 4);
	life.recorder.keep('planted answer', PLANTED);
	const { doce } = life;
	const output = () => doce.output() + PLANTED.toString('latin1');
	found = await sweep({ ...life, doce: { ...doce, output, pid: () => server } }, NEEDLES);
});

afterAll(async () => {
	for (const child of children) child.kill('SIGKILL');
	rmSync(outside, { recursive: true, force: true });
	await life?.close();
	if (isInContainers) {
		docker('rm', '--force', '--volumes', CONTAINER);
		docker('volume', 'rm', CONTAINER);
	}
});

const isOurs = (pid: number) => children.some((child) => child.pid === pid);

function planted(needles: readonly Needle[]): Buffer {
	return Buffer.concat(needles.flatMap(({ bytes }) => [Buffer.from('\n'), bytes]));
}

function plantInFiles(): void {
	const { dataDir } = life.doce;
	const project = join(dataDir, 'projects', life.projectId);
	const database = new DatabaseSync(join(dataDir, 'doce.sqlite'), { timeout: 5_000 });
	database.exec('create table planted (bytes blob)');
	database.prepare('insert into planted values (?)').run(PLANTED);
	database.close();
	appendFileSync(join(project, 'opencode/data/opencode/auth.json'), PLANTED);
	writeFileSync(join(dataDir, 'planted.bin'), PLANTED);
	const repository = { cwd: join(project, 'workspace'), env: ofAnybody() };
	execFileSync('git', ['hash-object', '-w', '--stdin'], { ...repository, input: PLANTED });
	writeFileSync(join(outside, 'planted.bin'), PLANTED);
	writeFileSync(join(life.temporary, 'planted.bin'), PLANTED);
	writeFileSync(join(life.taken, 'planted.zip'), zipSync({ 'planted.bin': PLANTED }));
	writeFileSync(join(life.taken, 'planted.gz'), gzipSync(PLANTED));
}

/** Only who is inside a fence can write to its temporary folder. */
async function plantInFence(): Promise<void> {
	const { doce, projectId } = life;
	const workspace = join(doce.dataDir, 'projects', projectId, 'workspace');
	writeFileSync(join(workspace, 'planted.bin'), PLANTED);
	// In a file, since OpenCode itself refuses commands that name places outside.
	writeFileSync(join(workspace, 'plant.sh'), 'cp planted.bin /tmp/planted.bin');
	await doce.call('chat/send', { projectId, text: '{{bash sh plant.sh}}' });
	await untilPrompt(doce, projectId, 'succeeded');
}

async function plantInBrowser(): Promise<void> {
	const { page, doce } = life;
	const server = createServer((_, response) => response.end(TEXT)).listen(0, '127.0.0.1');
	await until(() => server.listening);
	await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	server.close();
	await page.goto(doce.url);
	await page.evaluate((text) => {
		localStorage.setItem('planted', text);
		document.body.append(text);
	}, TEXT);
}

/** In a container's settings, files and words, and in a volume. */
function plantInDocker(): void {
	const instance = instanceOf(join(life.doce.dataDir, 'run', 'docker'));
	const ours = [
		'--label',
		`dev.doce.instance=${instance}`,
		'--env',
		`PLANTED=${TEXT}`,
		'--volume',
		`${CONTAINER}:/kept`,
	];
	const command = [
		'--user',
		'0',
		'--entrypoint',
		'sh',
		imageOf({ projectImage: undefined }),
		'-c',
		'cp /planted.bin /kept; cat /planted.bin',
	];
	docker('create', '--name', CONTAINER, ...ours, ...command);
	docker('cp', join(outside, 'planted.bin'), `${CONTAINER}:/planted.bin`);
	docker('start', '--attach', CONTAINER);
}

function docker(...argv: string[]): void {
	execFileSync('docker', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A process that counts as one of doce's, and has it in its environment, command line and memory. */
function plantInProcess(argv0: string): number {
	const program = `process.stdin.on('data', (part) => (globalThis.parts ??= []).push(part)); setInterval(() => 0, 1e3);`;
	const env = { DOCE_DATA_DIR: life.doce.dataDir, PLANTED: TEXT };
	const child = spawn(process.execPath, ['-e', program, '--', TEXT], { argv0, env });
	child.stdin?.write(PLANTED);
	children.push(child);
	return child.pid ?? 0;
}

test.each(NEEDLES.map(({ way, bytes }) => [way, bytes] as const))('%s is recognised alone', (way, bytes) => {
	for (const before of ['', 'before ', 'sk-planted'.repeat(50)]) {
		expect(waysIn(Buffer.concat([Buffer.from(before), bytes]), NEEDLES)).toContain(way);
		expect(waysIn(Buffer.concat([Buffer.from(before), bytes, Buffer.from(' after')]), NEEDLES)).toContain(way);
		expect(waysIn(Buffer.concat([Buffer.from(before), bytes.subarray(0, -1)]), NEEDLES)).not.toContain(way);
	}
});

/** Where nothing runs in containers, Docker has nothing to hold; with it, all of this is done again. */
const HERE = PLACES.filter((place) => isInContainers || place !== 'what Docker keeps and shows');

test.each(HERE)('what is planted in %s is found, in every way', (place) => {
	const ways = new Set(found[place].flatMap((finding) => finding.ways));
	const expected = TEXT_ONLY.includes(place) ? IN_TEXT : NEEDLES;
	expect([...ways].sort()).toEqual(expect.arrayContaining([...new Set(expected.map(({ way }) => way))].sort()));
});

test('also inside of what is packed, in a fence, in what a page loads, and in every place of a browser', () => {
	const where = (place: Place) => found[place].map((finding) => finding.where);
	expect(where('exports and backups')).toEqual(
		expect.arrayContaining([expect.stringMatching(/zip!planted/), expect.stringMatching(/gz!$/)]),
	);
	expect(where('site, with its git objects')).toContainEqual(expect.stringContaining('(objects)'));
	expect(where('temporary files')).toContainEqual(expect.stringMatching(/^\/proc\/\d+\/root.*planted/));
	expect(where('answers and live events')).toContainEqual(expect.stringMatching(/^load of /));
	if (isInContainers) {
		const expected = ['docker inspect', 'docker logs', expect.stringMatching(/volumes\/doce-planted/)];
		expect(where('what Docker keeps and shows')).toEqual(
			expect.arrayContaining([...expected, expect.stringMatching(/overlay2\/.*planted/)]),
		);
	}
	expect(where('pages and storage of the browser')).toEqual(
		expect.arrayContaining(['document of the page', 'storage of the page']),
	);
});

test('a file of somebody else’s that was there before is no finding', () => {
	const all = PLACES.flatMap((place) => found[place]).map((finding) => finding.where);
	expect(all.filter((where) => where.startsWith(join(import.meta.dirname, '..')))).toEqual([]);
	expect(readFileSync(import.meta.filename, 'utf8')).not.toContain(CANARY);
});
