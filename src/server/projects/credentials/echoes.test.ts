import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../logger.ts';
import { projectConfig } from '../../opencode/config.ts';
import { openCodeFiles, prepareOpenCodeHome } from '../../opencode/server.ts';
import { openSeparation } from '../../runtime/fence/fence.ts';
import { createProcessRuntime } from '../../runtime/process.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { projectPaths } from '../paths.ts';
import { type EchoServices, removeEchoes } from './echoes.ts';

const KEY = 'sk-echo-0123456789abcdefXYZ';
let dataDir: string;
let files: ReturnType<typeof openCodeFiles>;
let warnings: string[];

beforeEach(async () => {
	dataDir = mkdtempSync(join(tmpdir(), 'doce-echoes-'));
	const { home } = projectPaths(dataDir, 'p');
	await prepareOpenCodeHome(home, projectConfig({ providers: [] }));
	files = openCodeFiles(home);
	store(KEY);
	warnings = [];
});

afterEach(() => rmSync(dataDir, { recursive: true }));

function store(key: string): void {
	writeFileSync(files.credentials, JSON.stringify({ acme: { type: 'api', key }, odd: 'entry' }));
}

async function services(mode: 'auto' | 'off'): Promise<EchoServices> {
	const [dir, logger] = [join(dataDir, 'run'), createLogger('silent')];
	const runtime = createProcessRuntime({ dir, logger, separation: await openSeparation({ dir, logger, mode }) });
	expect(runtime.isolation.level === 'not').toBe(mode === 'off');
	return { dataDir, runtime, logger: { warn: (_: unknown, words: string) => warnings.push(words) } as never };
}

/** A database with the key in it, and whatever else is said. */
function makeDatabase(file: string, more = ''): void {
	const database = new DatabaseSync(file);
	database.exec(`create table part(data text); insert into part values ('it was ${KEY}'); ${more}`);
	database.close();
}

const holdsKey = (file: string) => readFileSync(file).includes(KEY);

describe.each(['auto', 'off'] as const)('with the fence %s', (mode) => {
	test('a repeated key leaves every table, whatever its name, and the pages that are free', async () => {
		makeDatabase(files.database, `create table "a""b"("c"" d" json); insert into "a""b" values ('${KEY}');`);
		makeDatabase(join(dataDir, 'other.db'), `delete from part;`);
		expect(holdsKey(files.database)).toBe(true);
		await removeEchoes(await services(mode), 'p');
		expect([holdsKey(files.database), warnings]).toEqual([false, []]);
		const database = new DatabaseSync(files.database, { readOnly: true });
		expect(database.prepare('select data from part').get()).toEqual({ data: 'it was [key]' });
		database.close();
	});

	test('a link, a pipe or nothing in the place of a file changes no other', async () => {
		const other = join(dataDir, 'other.db');
		makeDatabase(other);
		const ready = await services(mode);
		await removeEchoes(ready, 'p');
		symlinkSync(other, files.database);
		await removeEchoes(ready, 'p');
		rmSync(files.database);
		execFileSync('/usr/bin/mkfifo', [files.database]);
		await removeEchoes(ready, 'p');
		expect([holdsKey(other), warnings]).toEqual([true, []]);
	});
});

test('a database that an agent swaps for another one at any moment changes none outside of the fence', async () => {
	const other = join(dataDir, 'other.db');
	makeDatabase(other);
	makeDatabase(files.database);
	renameSync(files.database, `${files.database}.own`);
	const swap =
		'while :; do ln -sf ../../../../../other.db l; mv -T l opencode.db; cp opencode.db.own c; mv -T c opencode.db; done';
	const agent = spawn('sh', ['-c', swap], { cwd: dirname(files.database), stdio: 'ignore', detached: true });
	try {
		const ready = await services('auto');
		for (let tries = 0; tries < 5; tries++) await removeEchoes(ready, 'p');
	} finally {
		process.kill(-(agent.pid ?? 0), 'SIGKILL');
	}
	expect(holdsKey(other)).toBe(true);
}, 60_000);

test('a database that would be changed for ever is given up, and nobody else waits for it', async () => {
	const endless = 'with recursive c(x) as (select 1 union all select x + 1 from c) select x from c';
	makeDatabase(
		files.database,
		`create view v as ${endless}; create trigger t before update on part begin select count(*) from v; end;`,
	);
	const ready = await services('auto');
	let turns = 0;
	const turning = setInterval(() => turns++, 100);
	await removeEchoes(ready, 'p');
	clearInterval(turning);
	expect(turns).toBeGreaterThan(10);
	expect(warnings).toEqual(['Keys that a provider repeated may be left in the database of a project’s OpenCode.']);
}, 60_000);

test('a token of ours is not looked for: nothing is run for a project that holds no key', async () => {
	makeDatabase(files.database);
	store(`dpt_${'x'.repeat(43)}`);
	const run: Runtime['run'] = () => expect.unreachable();
	const runtime = { run, isolation: { level: 'isolated' as const, reason: '' } };
	await removeEchoes({ dataDir, runtime, logger: createLogger('silent') }, 'p');
	expect(holdsKey(files.database)).toBe(true);
});
