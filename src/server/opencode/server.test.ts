import { execFileSync } from 'node:child_process';
import {
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plainModel } from './catalogModels.ts';
import { projectConfig } from './config.ts';
import { newOpenCodeMessageId, partIdOf } from './ids.ts';
import {
	isPrepared,
	OPENCODE_VERSION,
	openCodeBinary,
	openCodeCommand,
	openCodeFiles,
	openCodeFolders,
	prepareOpenCodeHome,
} from './server.ts';
import { holdsStoredCredential, readStoredSecrets, removeStoredCredentials } from './stored/secrets.ts';

const home = mkdtempSync(join(tmpdir(), 'doce-home-'));

afterAll(() => rmSync(home, { recursive: true, force: true }));

const acme = {
	providerId: 'acme',
	baseURL: 'https://acme.example/v1',
	headers: { 'x-team': 'blue' },
	models: [{ ...plainModel('acme-1'), provider: { npm: '@ai-sdk/anthropic', api: 'https://elsewhere.example' } }],
};

test('the binary is the pinned one', () => {
	expect(execFileSync(openCodeBinary(), ['--version'], { encoding: 'utf8' }).trim()).toBe(OPENCODE_VERSION);
});

test('a home is private, and the same however often it is prepared', async () => {
	await prepareOpenCodeHome(home, projectConfig({ providers: [acme] }));
	const once = listing();
	await prepareOpenCodeHome(home, projectConfig({ providers: [acme], instructions: ['/site/AGENTS.md'] }));
	expect(listing()).toEqual(once);
	expect(once.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
	const config = JSON.parse(readFileSync(join(home, 'opencode.json'), 'utf8'));
	expect(config).toMatchObject({ enabled_providers: ['acme'], share: 'disabled', instructions: ['/site/AGENTS.md'] });
	expect(config.permission).toEqual({ '*': 'allow', external_directory: 'deny', question: 'deny' });
});

test('what an agent put in the place of a home’s folder leads nothing elsewhere', async () => {
	const [outside, own] = [join(home, 'outside'), join(home, 'own')];
	for (const folder of [outside, own]) mkdirSync(folder, { mode: 0o755 });
	for (const name of ['config', 'data', 'cache']) symlinkSync(outside, join(own, name));
	await prepareOpenCodeHome(own, projectConfig({ providers: [acme] }));
	expect([readdirSync(outside), statSync(outside).mode & 0o777]).toEqual([[], 0o755]);
	for (const folder of openCodeFolders(own)) expect(lstatSync(folder).isDirectory()).toBe(true);
});

test('a pipe or a link in the place of a file holds nobody up, and is replaced', async () => {
	const own = join(home, 'piped');
	const setup = projectConfig({ providers: [acme] });
	await prepareOpenCodeHome(own, setup);
	const { configFile, credentials } = openCodeFiles(own);
	for (let opened = 0; opened < 8; opened++) {
		rmSync(configFile);
		execFileSync('/usr/bin/mkfifo', [configFile]);
		expect(await isPrepared(own, setup)).toBe(false);
		expect(await prepareOpenCodeHome(own, setup)).toBe(true);
		expect(await isPrepared(own, setup)).toBe(true);
	}
	renameSync(configFile, join(home, 'elsewhere.json'));
	symlinkSync(join(home, 'elsewhere.json'), configFile);
	expect(await isPrepared(own, setup)).toBe(false);
	execFileSync('/usr/bin/mkfifo', [credentials]);
	expect([await readStoredSecrets(own), await holdsStoredCredential(own, 'acme')]).toEqual([[], false]);
	await removeStoredCredentials(own);
	writeFileSync(credentials, JSON.stringify({ odd: 1, acme: { key: 'k', access: 5 }, other: { refresh: 'r' } }));
	expect((await readStoredSecrets(own)).map((each) => each.reveal())).toEqual(['k', 'r']);
});

test('an address of the owner’s is for every model of the provider', () => {
	const { config } = projectConfig({ providers: [acme] });
	expect(config['provider']).toMatchObject({
		acme: {
			npm: '@ai-sdk/openai-compatible',
			options: { baseURL: 'https://acme.example/v1', headers: { 'x-team': 'blue' } },
		},
	});
	expect(JSON.stringify(config)).not.toContain('elsewhere');
	const { baseURL: _, ...listed } = acme;
	expect(JSON.stringify(projectConfig({ providers: [listed] }).config)).toContain('elsewhere');
});

test('the server listens on the loopback alone, and inherits nothing that it does not need', () => {
	const parent = { PATH: '/bin', LANG: 'C', DOCE_MASTER_KEY: 'k', ANTHROPIC_API_KEY: 'k', OPENCODE_CONFIG: '/x' };
	const { argv, env } = openCodeCommand({ binary: '/oc', home: '/h', port: 7, password: 'pw' }, parent);
	expect(argv.slice(0, 6)).toEqual(['/oc', 'serve', '--hostname', '127.0.0.1', '--port', '7']);
	expect(argv.join(' ')).not.toContain('pw');
	expect(env).toMatchObject({
		PATH: '/bin',
		LANG: 'C',
		HOME: '/h',
		OPENCODE_DISABLE_PROJECT_CONFIG: '1',
		OPENCODE_CONFIG: '/h/opencode.json',
	});
	const own = Object.keys(env).filter(
		(name) => !/^(OPENCODE_(CONFIG|DISABLE|SERVER|MODELS|PURE)|XDG_|BUN_)/.test(name),
	);
	expect(own.sort()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR']);
});

test('ids of messages sort by their age, also within a millisecond, and fit OpenCode’s form', () => {
	const now = Date.now();
	const ids = [now, now, now, now + 1, now + 2].map(newOpenCodeMessageId);
	expect([...ids].sort()).toEqual(ids);
	for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{12}[0-9A-Za-z]{14}$/);
	expect(partIdOf(ids[0] ?? '')).toBe(ids[0]?.replace('msg_', 'prt_'));
});

function listing() {
	return (
		readdirSync(home, { recursive: true, encoding: 'utf8' })
			.sort()
			.map((name) => ({ name, stat: lstatSync(join(home, name)) }))
			// A link has no mode of its own; the one there is leads to /dev/null.
			.map(({ name, stat }) => ({ name, mode: stat.isSymbolicLink() ? 0 : stat.mode & 0o777 }))
	);
}

test('no name or header makes OpenCode read an environment variable or a file', async () => {
	const home = join(mkdtempSync(join(tmpdir(), 'doce-home-')), 'home');
	const headers = { 'x-a': '{file:/etc/passwd}', 'x-b': '{env:HOME}' };
	const provider = { ...acme, name: '{file:/etc/hostname}', headers };
	await prepareOpenCodeHome(home, projectConfig({ providers: [provider] }));
	const text = readFileSync(join(home, 'opencode.json'), 'utf8');
	expect(text).not.toMatch(/\{(env|file):/);
	expect(JSON.parse(text).provider.acme).toMatchObject({ name: provider.name, options: { headers } });
});
