import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { type FakeLlm, startFakeLlm } from '../../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { createLogger } from '../../logger.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import { PACKAGE_OF_FORMAT } from '../../opencode/config.ts';
import { newOpenCodeMessageId, partIdOf } from '../../opencode/ids.ts';
import { readStoredSecrets } from '../../opencode/stored/secrets.ts';
import { openSeparation } from '../../runtime/fence/fence.ts';
import { createProcessRuntime } from '../../runtime/process.ts';
import { projectPaths } from '../paths.ts';
import { removeEchoes } from './echoes.ts';

const KEY = 'sk-echo-0123456789abcdefXYZ';
let llm: FakeLlm;
let server: OpenCodeUnderTest;
let dataDir: string;

beforeAll(async () => {
	dataDir = mkdtempSync(join(tmpdir(), 'doce-echoes-'));
	llm = await startFakeLlm({ keys: [], echoesKey: true });
	const baseURL = `${llm.url}/v1`;
	const npm = PACKAGE_OF_FORMAT['chat-completions'];
	server = await startOpenCode({
		providers: [{ providerId: 'acme', npm, baseURL, models: [plainModel('acme-1')] }],
		folders: projectPaths(dataDir, 'p'),
	});
	await server.openCode.setCredential('acme', { type: 'api', key: new Secret(KEY) });
});

afterAll(async () => {
	await server?.destroy();
	rmSync(dataDir, { recursive: true });
	await llm?.close();
});

/** The files of OpenCode's home that hold the key. */
function holders(): string[] {
	return readdirSync(server.home, { recursive: true, encoding: 'utf8' }).filter((name) => {
		const path = join(server.home, name);
		return statSync(path).isFile() && readFileSync(path).includes(KEY);
	});
}

async function ask(text: string): Promise<void> {
	const { openCode } = server;
	const sessionId = await openCode.ensureSession('p', 'Echo');
	const messageId = newOpenCodeMessageId(Date.now());
	await openCode.sendPrompt({
		sessionId,
		messageId,
		partId: partIdOf(messageId),
		providerId: 'acme',
		modelId: 'acme-1',
		text,
	});
	await until(async () => (await openCode.listMessages(sessionId)).at(-1)?.message.role === 'assistant');
	await until(async () => (await openCode.busySessions()).length === 0);
}

test('a key that a provider repeats is in OpenCode’s database, and in none of its logs', async () => {
	await ask('Hello');
	expect(holders().filter((name) => name.includes('opencode.db'))).not.toEqual([]);
	expect(holders().filter((name) => name.includes('log'))).toEqual([]);
	expect(server.output()).not.toContain(KEY);
});

test('it is taken out behind the fence while OpenCode runs, and OpenCode goes on', async () => {
	const secrets = await readStoredSecrets(server.home);
	expect(secrets.map((secret) => secret.reveal())).toEqual([KEY]);
	const [dir, logger] = [join(dataDir, 'run'), createLogger('silent')];
	const separation = await openSeparation({ dir, logger, mode: 'auto' });
	await removeEchoes({ dataDir, runtime: createProcessRuntime({ dir, logger, separation }), logger }, 'p');
	expect(holders()).toEqual(['data/opencode/auth.json']);
	llm.setKeys([KEY]);
	await ask('Again');
	const answers = await server.openCode.listMessages(await server.openCode.ensureSession('p', 'Echo'));
	expect(answers.at(-1)?.message).toMatchObject({ role: 'assistant', error: null });
	expect(holders()).toEqual(['data/opencode/auth.json']);
});
