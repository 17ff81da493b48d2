import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { openCredential } from '../connections.ts';
import { connectProvider } from '../providers.ts';
import { ADA, ANTHROPIC, directoryOf, type Fixture, OPENAI, openFixture, openKey } from '../testing/fixture.ts';
import { forgetCredentials, rotateDataKey } from './rotation.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});
afterEach(() => fixture.close());

const key = (digit: string) => `doce-mk1:${Buffer.alloc(32, digit).toString('base64url')}`;

async function connect(label: string, apiKey: string) {
	const deps = { db: fixture.db, keyring: await fixture.openKeys(), directory: directoryOf(ANTHROPIC, OPENAI) };
	return connectProvider(deps, ADA, { providerId: 'anthropic', authType: 'api', apiKey, label, skipTest: true });
}

const dataKeys = () => fixture.db.selectFrom('data_keys').select(['id', 'state']).orderBy('id').execute();

test('the first start makes a master key that its owner alone can read, and later starts keep it', async () => {
	const keyring = await fixture.openKeys();
	const text = readFileSync(fixture.keyFile, 'utf8');
	expect(text).toMatch(/^doce-mk1:[A-Za-z0-9_-]{43}\n$/);
	expect(statSync(fixture.keyFile).mode & 0o777).toBe(0o600);
	expect(statSync(dirname(fixture.keyFile)).mode & 0o777).toBe(0o700);
	expect(readdirSync(dirname(fixture.keyFile))).toEqual(['master.key']);
	const again = await fixture.openKeys();
	expect(readFileSync(fixture.keyFile, 'utf8')).toBe(text);
	expect(again.state).toEqual(keyring.state);
	expect(again.derive('cookies')).toEqual(keyring.derive('cookies'));
	expect(again.derive('other')).not.toEqual(keyring.derive('cookies'));
	expect(await dataKeys()).toHaveLength(1);
});

test('with the key file gone and credentials stored, doce opens locked and makes no new key', async () => {
	const { id } = await connect('Work', 'sk-ant-one-1234');
	const before = await fixture.openKeys();
	renameSync(fixture.keyFile, `${fixture.keyFile}.away`);
	const locked = await fixture.openKeys();
	expect(existsSync(fixture.keyFile)).toBe(false);
	const expectedKeyId = before.state.kind === 'ready' ? before.state.masterKeyId : 'none';
	expect(locked.state).toMatchObject({ kind: 'locked', expectedKeyId, foundKeyId: undefined, file: fixture.keyFile });
	for (const way of [fixture.keyFile, expectedKeyId, 'DOCE_MASTER_KEY_FILE', 'keys reset --forget-credentials']) {
		expect(locked.state).toHaveProperty('message', expect.stringContaining(way));
	}
	await expect(openCredential(fixture.db, locked, id)).rejects.toThrow('locked');
	expect(locked.derive('cookies')).toHaveLength(32);
	renameSync(`${fixture.keyFile}.away`, fixture.keyFile);
	expect((await openKey(fixture.db, await fixture.openKeys(), id)).key).toBe('sk-ant-one-1234');
});

test('with a wrong key and credentials stored, doce opens locked and names both keys', async () => {
	await connect('Work', 'sk-ant-one-1234');
	const locked = await fixture.openKeys({ key: new Secret(key('b')) });
	expect(locked.state).toMatchObject({ kind: 'locked', foundKeyId: expect.stringMatching(/^mk-/) });
	const { expectedKeyId, foundKeyId, message } = locked.state as {
		expectedKeyId: string;
		foundKeyId: string;
		message: string;
	};
	expect(expectedKeyId).not.toBe(foundKeyId);
	expect(message).toContain(expectedKeyId);
	expect(message).toContain(foundKeyId);
	expect(await dataKeys()).toHaveLength(1);
});

test('a key given as text is used, no file is written, and the same text opens it again', async () => {
	const first = await fixture.openKeys({ key: new Secret(key('a')) });
	expect(first.state.kind).toBe('ready');
	expect(existsSync(fixture.keyFile)).toBe(false);
	expect((await fixture.openKeys({ key: new Secret(key('a')) })).state).toEqual(first.state);
});

test('with nothing stored, a lost key is simply replaced', async () => {
	const before = await fixture.openKeys();
	rmSync(fixture.keyFile);
	const after = await fixture.openKeys();
	expect(after.state.kind).toBe('ready');
	expect(after.state).not.toEqual(before.state);
	expect(await dataKeys()).toHaveLength(1);
	expect((await fixture.openKeys()).state).toEqual(after.state);
});

test.each(['', 'doce-mk1:short', 'something else'])(
	'a file that holds no master key is never overwritten: "%s"',
	async (text) => {
		mkdirSync(dirname(fixture.keyFile), { mode: 0o700 });
		writeFileSync(fixture.keyFile, text);
		const keyring = await fixture.openKeys();
		expect(keyring.state).toMatchObject({
			kind: 'locked',
			message: expect.stringContaining('does not hold a doce master key'),
		});
		expect(readFileSync(fixture.keyFile, 'utf8')).toBe(text);
	},
);

test('damaged data keys lock instead of being replaced', async () => {
	await connect('Work', 'sk-ant-one-1234');
	await fixture.db.updateTable('data_keys').set({ wrapped: 'AAAA' }).execute();
	expect((await fixture.openKeys()).state).toMatchObject({
		kind: 'locked',
		message: expect.stringContaining('damaged'),
	});
	await fixture.db.deleteFrom('data_keys').execute();
	expect((await fixture.openKeys()).state).toMatchObject({ kind: 'locked', expectedKeyId: undefined });
});

test('two starts at the same moment agree on one key', async () => {
	const [one, two] = await Promise.all([fixture.openKeys(), fixture.openKeys()]);
	expect(one.state).toEqual(two.state);
	expect(await dataKeys()).toHaveLength(1);
});

test('a folder that cannot be written is named', async () => {
	const file = join(fixture.dir, 'doce.sqlite', 'keys', 'master.key');
	await expect(fixture.openKeys({ file })).rejects.toThrow(`could not be written to ${file}`);
});

test('rotation seals everything anew, and a keyring from before still opens it', async () => {
	const rows = [
		await connect('One', 'sk-ant-one-1234'),
		await connect('Two', 'sk-ant-two-1234'),
		await connect('Three', 'sk-ant-three'),
	];
	const bystander = await fixture.openKeys();
	const keyring = await fixture.openKeys();
	expect(await rotateDataKey(fixture.db, keyring, 2)).toEqual({ resealed: 5, resumed: false });
	expect((await dataKeys()).map((row) => row.state)).toEqual(['retired', 'active']);
	for (const row of rows) {
		const after = await fixture.db
			.selectFrom('provider_connections')
			.selectAll()
			.where('id', '=', row.id)
			.executeTakeFirstOrThrow();
		expect(after).toEqual({ ...row, sealed_credential: expect.any(String) });
		expect(after.sealed_credential).not.toBe(row.sealed_credential);
	}
	const opened = await Promise.all(rows.map((row) => openKey(fixture.db, bystander, row.id)));
	expect(opened.map(({ key }) => key)).toEqual(['sk-ant-one-1234', 'sk-ant-two-1234', 'sk-ant-three']);
	await expect(connect('Again', 'sk-ant-two-1234')).rejects.toThrow('already connected to Anthropic, as "Two"');
});

test('an interrupted rotation is finished by the next one, which starts no second', async () => {
	const row = await connect('One', 'sk-ant-one-1234');
	const keyring = await fixture.openKeys();
	await keyring.addDataKey(fixture.db);
	expect((await openKey(fixture.db, await fixture.openKeys(), row.id)).key).toBe('sk-ant-one-1234');
	expect(await rotateDataKey(fixture.db, await fixture.openKeys())).toEqual({ resealed: 3, resumed: true });
	expect((await dataKeys()).map((each) => each.state)).toEqual(['retired', 'active']);
});

test('giving the credentials up opens the way for a new key; connections ask for theirs again', async () => {
	const row = await connect('One', 'sk-ant-one-1234');
	rmSync(fixture.keyFile);
	expect(await forgetCredentials(fixture.db)).toBe(1);
	const keyring = await fixture.openKeys();
	expect(keyring.state.kind).toBe('ready');
	await expect(openCredential(fixture.db, keyring, row.id)).rejects.toThrow('has no key any more');
	const left = await fixture.db.selectFrom('provider_connections').selectAll().executeTakeFirstOrThrow();
	expect(left).toMatchObject({ status: 'error', reason: 'disconnected', sealed_credential: null, version: 2 });
});
