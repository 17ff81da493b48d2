import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainModel } from '#server/opencode/catalogModels.ts';
import { newOpenCodeMessageId, partIdOf } from '#server/opencode/ids.ts';
import { Secret } from '#server/secret.ts';
import { until } from '../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../test/harness/openCode.ts';
import { DEMO_PROVIDER, demoResponse } from './demo.ts';

const ROOT = join(import.meta.dirname, '../../..');

let endpoint: Server;
let server: OpenCodeUnderTest;

beforeAll(async () => {
	endpoint = await serveDemo();
	const address = endpoint.address();
	if (address === null || typeof address === 'string') throw new Error('The endpoint has no port.');
	const { id: providerId, name, modelId, modelName } = DEMO_PROVIDER;
	const baseURL = `http://127.0.0.1:${address.port}/v1`;
	server = await startOpenCode({
		providers: [{ providerId, name, baseURL, models: [plainModel(modelId, modelName)] }],
	});
	cpSync(join(ROOT, 'templates/starter'), server.workspace, {
		recursive: true,
		filter: (path) => !path.includes('node_modules'),
	});
	symlinkSync(join(ROOT, 'node_modules'), join(server.workspace, 'node_modules'));
	await server.openCode.setCredential(providerId, { type: 'api', key: new Secret('demo-key') });
});

afterAll(async () => {
	await server?.destroy();
	endpoint?.closeAllConnections();
	endpoint?.close();
});

test('a prompt becomes a site, and the next prompts change it', async () => {
	const sessionId = await server.openCode.ensureSession('demo', 'Demo');

	const built = await say(sessionId, 'A site for a bakery in Lisbon called Migalha, with a menu and opening hours');
	expect(built).toMatch(/^Scripted demo: \*\*Migalha\*\* is up/);
	expect(existsSync(join(server.workspace, 'src/components/Sketch.astro'))).toBe(false);
	expect(build()).toContain('Migalha bakes by hand');

	expect(await say(sessionId, 'Change the headline to "Bread, since 1998"')).toBe(
		'Scripted demo: The headline is now “Bread, since 1998”.',
	);
	expect(await say(sessionId, 'make it dark, and add a FAQ')).toContain('the look is dark now');
	expect(readFileSync(join(server.workspace, 'src/styles/global.css'), 'utf8')).toContain('color-scheme: dark');
	expect(await say(sessionId, 'replace "Morning bun" with "Evening bun"')).toContain('Evening bun');
	expect(await say(sessionId, 'please compose a symphony')).toMatch(/I did not understand that, and changed nothing/);
	const page = build();
	expect(['Bread, since 1998', 'id="faq"', 'Evening bun'].filter((words) => !page.includes(words))).toEqual([]);
});

/** The last text of the turn; a tool that failed is the test's failure. */
async function say(sessionId: string, text: string): Promise<string> {
	const messageId = newOpenCodeMessageId(Date.now());
	const { id: providerId, modelId } = DEMO_PROVIDER;
	await server.openCode.sendPrompt({ sessionId, messageId, partId: partIdOf(messageId), text, providerId, modelId });
	await until(async () => {
		const last = (await server.openCode.listMessages(sessionId)).at(-1)?.message;
		return last?.role === 'assistant' && (await server.openCode.busySessions()).length === 0;
	}, 60_000);
	const entries = await server.openCode.listMessages(sessionId);
	const parts = entries
		.slice(entries.findIndex(({ message }) => message.id === messageId))
		.flatMap((entry) => entry.parts);
	expect(parts.filter((part) => part.type === 'tool' && part.state !== 'completed')).toEqual([]);
	return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).at(-1) ?? '';
}

/** What visitors would get. */
function build(): string {
	const astro = join(ROOT, 'node_modules/astro/bin/astro.mjs');
	const env = { PATH: process.env['PATH'], HOME: server.home, ASTRO_TELEMETRY_DISABLED: '1' };
	execFileSync(process.execPath, [astro, 'build'], { cwd: server.workspace, env, stdio: 'pipe' });
	return readFileSync(join(server.workspace, 'dist/index.html'), 'utf8');
}

/** The endpoint on a port of its own, with the pace it has for people. */
function serveDemo(): Promise<Server> {
	const web = createServer(async (incoming, outgoing) => {
		const body = incoming.method === 'POST' ? Buffer.concat(await incoming.toArray()) : null;
		const request = new Request(`http://127.0.0.1${incoming.url}`, { method: incoming.method ?? 'GET', body });
		const answer = await demoResponse(request);
		outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
		for await (const piece of answer.body ?? []) outgoing.write(piece);
		outgoing.end();
	});
	return new Promise((resolve) => web.listen(0, '127.0.0.1', () => resolve(web)));
}
