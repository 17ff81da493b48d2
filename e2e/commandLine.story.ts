import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { connect, KEY } from '../test/harness/project.ts';

const ROOT = join(import.meta.dirname, '..');
let doce: Doce;
let llm: FakeLlm;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	await connect(doce, 'mine', `${llm.url}/v1`);
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

const start = (env: Record<string, string>) =>
	spawnSync(process.execPath, ['src/server/start.ts'], {
		cwd: ROOT,
		env: { PATH: process.env['PATH'], ...env },
		encoding: 'utf8',
		timeout: 20_000,
	});

test('a token is the last line alone, works beside the running server, and ends when it is revoked', async () => {
	const token = doce.cli('token', 'create', '--name', 'second').trimEnd().split('\n').at(-1) ?? '';
	expect(token).toMatch(/^dct_\S{40,}$/);
	const asSecond = { authorization: `Bearer ${token}` };
	expect((await doce.request('projects/list', {}, asSecond)).status).toBe(200);
	expect(doce.cli('token', 'list')).toMatch(/second.*acts as admin/);
	doce.cli('token', 'revoke', 'second');
	expect((await doce.request('projects/list', {}, { ...asSecond, origin: doce.url })).status).toBe(401);
});

test('a backup is a whole database, without the encryption key', () => {
	const file = join(doce.dataDir, 'copy.sqlite');
	expect(doce.cli('backup', file)).toContain('encryption key');
	expect(existsSync(file)).toBe(true);
	const again = spawnSync(process.execPath, ['src/cli/doce.ts', 'backup', file], {
		cwd: ROOT,
		env: { PATH: process.env['PATH'], DOCE_DATA_DIR: doce.dataDir },
		encoding: 'utf8',
	});
	expect(again.status).toBe(1);
	expect(again.stderr).toContain('exists already');
});

test('doctor says what is there, and whether projects are isolated', () => {
	const report = doce.cli('doctor');
	expect(report).toMatch(/✓ OpenCode\s+1\./);
	expect(report).toMatch(/stored keys open/);
	expect(report).toMatch(
		process.platform === 'linux' ? /✓ Isolation +projects are isolated/ : /not isolated on this machine/,
	);
});

test('keys are sealed anew while doce runs, and still open', async () => {
	expect(doce.cli('keys', 'rotate')).toContain('sealed with a new data key');
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(await doce.call('settings/testProviderConnection', { connectionId: connections[0].id })).toMatchObject({
		ok: true,
	});
});

test('an unknown command and a missing name say what there is', () => {
	const help = spawnSync(process.execPath, ['src/cli/doce.ts', 'tokens'], { cwd: ROOT, encoding: 'utf8' });
	expect(help.status).toBe(2);
	expect(help.stderr).toContain('token create --name');
	expect(() => doce.cli('token', 'create')).toThrow(/Give the token a name/);
});

test('a second server on the same data, a taken port and a bad setting are refused in one sentence', () => {
	const second = start({ DOCE_DATA_DIR: doce.dataDir, DOCE_PORT: '0' });
	expect(second.status).toBe(1);
	expect(second.stderr).toContain('already running');
	const elsewhere = join(doce.dataDir, 'elsewhere');
	const taken = start({ DOCE_DATA_DIR: elsewhere, DOCE_PORT: new URL(doce.url).port });
	expect(taken.stderr).toContain('is in use');
	const wrong = start({ DOCE_PROT: '1' });
	expect(wrong.stderr).toMatch(/DOCE_PROT: unknown setting/);
	rmSync(elsewhere, { recursive: true, force: true });
});

test('with the encryption key gone doce starts, says what is locked and why, and opens again when it is back', async () => {
	await doce.stop();
	const keyFile = join(doce.dataDir, 'keys/master.key');
	renameSync(keyFile, `${keyFile}.away`);
	await doce.restart();
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(connections[0]).toMatchObject({ status: 'error', reason: 'locked' });
	expect(connections[0].errorMessage).toContain(keyFile);
	expect(existsSync(keyFile)).toBe(false);
	const answer = await doce.request('settings/connectProvider', {
		providerId: 'anthropic',
		authType: 'api',
		apiKey: 'sk-ant-something-long',
	});
	expect(answer.status).toBe(503);
	await doce.stop();
	renameSync(`${keyFile}.away`, keyFile);
	await doce.restart();
	const { connections: open } = await doce.call('settings/getProviderConnections');
	expect(open[0]).toMatchObject({ status: 'connected', reason: null });
});
