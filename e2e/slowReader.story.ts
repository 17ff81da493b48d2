import { connect as connectTo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { connect, KEY } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	await connect(doce, 'mine', `${llm.url}/v1`);
	// Nothing runs here: the events of one's own messages are enough.
	await doce.call('queue/pause');
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

/** Opens the live stream of a project and reads its beginning; what comes after that is left lying. */
function openStream(projectId: string, token: string): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const { port } = new URL(doce.url);
		const socket = connectTo(Number(port), '127.0.0.1', () => {
			const lines = [
				`GET /api/live?project=${projectId} HTTP/1.1`,
				'host: localhost',
				`authorization: Bearer ${token}`,
			];
			socket.write(`${lines.join('\r\n')}\r\n\r\n`);
		});
		socket.on('error', reject);
		socket.once('data', () => {
			socket.pause();
			resolve(socket);
		});
	});
}

test('a browser that sleeps with its page open does not fill doce’s memory, and is told to come again', async () => {
	const token = doce.cli('token', 'create', '--name', 'sleeper').trim();
	const { projectId } = await doce.call('projects/create', { prompt: 'A page' });
	const socket = await openStream(projectId, token);
	const sent = 1_000;
	const text = 'x'.repeat(19_000);
	for (let n = 0; n < sent; n += 20)
		await Promise.all(Array.from({ length: 20 }, () => doce.call('chat/send', { projectId, text })));
	let received = 0;
	const ended = new Promise<void>((resolve) => {
		socket.on('data', (chunk: Buffer) => {
			received += chunk.length;
			// The last piece of a chunked answer.
			if (chunk.subarray(-5).toString() === '0\r\n\r\n') resolve();
		});
		socket.on('close', resolve);
	});
	socket.resume();
	await ended;
	expect(received).toBeLessThan(sent * text.length);
	socket.destroy();
});
