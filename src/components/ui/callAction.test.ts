import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { callAction } from './callAction.ts';

const answerOf = <T>(data: T) => Promise.resolve({ data, error: undefined });
const refusal = (code: string, message: string) => Promise.resolve({ data: undefined, error: { code, message } });

describe('calling an action', () => {
	it('hands the data over', async () => {
		expect(await callAction(answerOf({ projectId: 'p1' }))).toEqual({ ok: true, data: { projectId: 'p1' } });
	});

	it('keeps the code and the words of a refusal', async () => {
		const result = await callAction(refusal('SERVICE_UNAVAILABLE', 'Anthropic did not answer.'));
		expect(result).toEqual({ ok: false, code: 'unavailable', message: 'Anthropic did not answer.' });
	});

	it('takes a code it does not know for a bug of the server', async () => {
		expect(await callAction(refusal('TEAPOT', 'Short and stout.'))).toMatchObject({ ok: false, code: 'internal' });
	});

	it('says that nothing answers when nothing does', async () => {
		const result = await callAction(fetch('http://127.0.0.1:1/').then(() => ({ data: 1, error: undefined })));
		expect(result).toMatchObject({
			ok: false,
			code: 'offline',
			message: expect.stringContaining('doce does not answer'),
		});
	});

	it('says that something else answered when a page came back', async () => {
		const server = createServer((_, response) => response.end('<html>Bad gateway</html>')).listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as { port: number };
		const reply = fetch(`http://127.0.0.1:${port}/`).then(async (response) => ({
			data: await response.json(),
			error: undefined,
		}));
		expect(await callAction(reply)).toMatchObject({
			ok: false,
			code: 'offline',
			message: expect.stringContaining('in its place'),
		});
		server.close();
	});

	it('does not hide a bug', async () => {
		await expect(callAction(Promise.reject(new RangeError('a bug')))).rejects.toThrow('a bug');
	});
});
