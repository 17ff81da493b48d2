import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createReader, WISH_BYTES } from './wish.ts';

async function* chunks(body: string, size: number): AsyncGenerator<Buffer> {
	const bytes = Buffer.from(body);
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function pass(body: string, { wishes = true, size = 1_000 } = {}) {
	const reader = createReader(wishes);
	return { sent: await text(reader.through(chunks(body, size))), asked: reader.asked };
}

const CONVERSATION = {
	model: 'fake-1',
	messages: [{ role: 'user', content: 'a "quoted" } \\ "stream_options": {"model": "other", "stream": false} ünï' }],
	tools: [{ function: { name: 'write', parameters: { stream_options: 1, stream: false } } }],
};

test.each([1, 3, 1_000])('a stream is asked to end with its usage, in chunks of %i bytes', async (size) => {
	const body = JSON.stringify({ ...CONVERSATION, stream: true });
	const { sent, asked } = await pass(body, { size });
	expect(JSON.parse(sent)).toEqual({ ...CONVERSATION, stream: true, stream_options: { include_usage: true } });
	expect(asked).toEqual({ model: 'fake-1', stream: true, hasStreamOptions: false });
	expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
});

test.each([
	{ ...CONVERSATION },
	{ ...CONVERSATION, stream: false },
	{ ...CONVERSATION, stream: true, stream_options: { include_usage: false } },
	{ stream_options: null, ...CONVERSATION, stream: true },
])(
	'what asks for no stream, or says how it wants one, means the same as before, at the length that was promised',
	async (call) => {
		const body = JSON.stringify(call, null, 2);
		const { sent } = await pass(body, { size: 5 });
		expect(JSON.parse(sent)).toEqual(call);
		expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
	},
);

test('other formats are sent on byte by byte', async () => {
	const body = JSON.stringify({ ...CONVERSATION, stream: true });
	expect((await pass(body, { wishes: false, size: 7 })).sent).toBe(body);
});

test('a model is known under whatever spelling, and the last one counts', async () => {
	const spelled =
		'{"model":"cheap","mod\\u0065l":"dear\\u0065st\\/1","nested":{"model":"no"},"list":["model",{"model":1}]}';
	expect((await pass(spelled, { size: 2 })).asked.model).toBe('dearest/1');
});

test.each(['', '[]', '{"a":', 'no json "at all', '{"stream":true}{"stream":true}'])(
	'%j is nobody’s harm',
	async (body) => {
		const { sent } = await pass(body, { size: 3 });
		expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
	},
);
