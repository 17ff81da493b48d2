import { expect, test } from 'vitest';
import { readJson } from './body.ts';

const post = (body: BodyInit | null, headers: Record<string, string> = {}) =>
	new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

/** A body that never ends, and how much of it was asked for. */
function endless(chunk: string) {
	let sent = 0;
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			sent += chunk.length;
			controller.enqueue(new TextEncoder().encode(chunk));
		},
	});
	return { body, sent: () => sent };
}

test('JSON is read, in whatever pieces it comes; nothing at all is an empty object', async () => {
	expect(await readJson(post('{"a":"ä"}'))).toEqual({ a: 'ä' });
	const bytes = new TextEncoder().encode('{"a":"ä"}');
	const pieces = new ReadableStream({
		start(controller) {
			for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
			controller.close();
		},
	});
	expect(await readJson(post(pieces))).toEqual({ a: 'ä' });
	expect(await readJson(post(null))).toEqual({});
	expect(await readJson(post(' \n'))).toEqual({});
	await expect(readJson(post('{"a":'))).rejects.toMatchObject({ code: 'invalid', status: 400 });
});

test('a body is read up to a megabyte and no further', async () => {
	expect(await readJson(post(`"${'x'.repeat(1024 * 1024 - 2)}"`))).toHaveLength(1024 * 1024 - 2);
	const { body, sent } = endless('x'.repeat(1_000));
	const refusal = readJson(post(body));
	await expect(refusal).rejects.toMatchObject({ code: 'invalid', status: 413 });
	await expect(refusal).rejects.toThrow('larger than 1 MB');
	expect(sent()).toBeLessThan(1_060_000);
});

test('a body that says that it is too large is not begun', async () => {
	const { body, sent } = endless('x'.repeat(1_000));
	await expect(readJson(post(body, { 'content-length': '1048577' }))).rejects.toMatchObject({ status: 413 });
	// What the stream asked for by itself.
	expect(sent()).toBeLessThanOrEqual(1_000);
});
