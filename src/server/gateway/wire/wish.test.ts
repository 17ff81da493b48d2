import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Refused } from './refusals.ts';
import { createReader, WISH_BYTES } from './wish.ts';

async function* chunks(body: string, size: number): AsyncGenerator<Buffer> {
	const bytes = Buffer.from(body);
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function pass(body: string, { wishes = true, mayRunOn = true, size = 1_000 } = {}) {
	const reader = createReader({ wishes, mayRunOn });
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
	expect(asked).toEqual({ model: 'fake-1', stream: true, background: false });
	expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
});

test.each([
	{ ...CONVERSATION },
	{ ...CONVERSATION, stream: false },
	{ ...CONVERSATION, stream: false, stream_options: null },
	{ stream_options: null, ...CONVERSATION },
	{ stream_options: { include_usage: false } },
])('what asks for no stream means the same as before, at the length that was promised: %j', async (call) => {
	const body = JSON.stringify(call, null, 2);
	for (const size of [1, 5, 1_000]) {
		const { sent } = await pass(body, { size });
		expect(JSON.parse(sent)).toEqual(call);
		expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
	}
});

const OBJECTION = { include_usage: false };
test.each([
	[{ ...CONVERSATION, stream: true, stream_options: OBJECTION }, {}],
	[{ stream_options: null, ...CONVERSATION, stream: true }, {}],
	[{ stream_options: {}, stream: true }, {}],
	[{ stream: true, stream_options: 'no' }, {}],
	[{ stream_options: { ...OBJECTION, include_obfuscation: false }, stream: true }, { include_obfuscation: false }],
	[{ stream: true, stream_options: { note: 'x'.repeat(5_000), ...OBJECTION } }, {}],
])('a stream ends with its usage, whatever its caller says of that: %#', async (call, kept) => {
	for (const [size, space] of [
		[1, 0],
		[7, 1],
		[100_000, 0],
	] as const) {
		const body = JSON.stringify(call, null, space);
		const { sent } = await pass(body, { size });
		expect(JSON.parse(sent)).toEqual({ ...call, stream_options: { ...kept, include_usage: true } });
		const timesIn = (text: string) => text.match(/"stream_options":/g)?.length;
		expect(timesIn(sent)).toBe(timesIn(body));
		expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
	}
});

test('so it does for one who says it twice, or in another spelling', async () => {
	const body = '{"stream_options":{"include_usage":true},"stream":true,"a":1,"stream\\u005foptions":null}';
	for (const size of [1, 1_000]) {
		const { sent } = await pass(body, { size });
		expect(sent.trimEnd()).toMatch(/^\{"stream":true,"a":1,"stream_options":\{"include_usage":true\} +\}$/);
		expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
	}
});

test.each(['true', '1', '"yes"', '{}', 'true,"background":false'])(
	'where no call may run on without its caller, "background":%s ends it before its last brace',
	async (value) => {
		const body = `{"input":"Hi","background":${value}}`;
		let sent = '';
		const { through } = createReader({ wishes: false, mayRunOn: false });
		const passing = async () => {
			for await (const part of through(chunks(body, 1))) sent += part.toString();
		};
		await expect(passing()).rejects.toMatchObject({ kind: 'route' } satisfies Partial<Refused>);
		expect(sent).not.toContain('}}');
		expect(sent.length).toBeLessThan(body.length);
		expect((await pass(body)).sent).toContain('"background"');
	},
);

test('"background":false, or inside of something, is nothing special', async () => {
	const body = '{"background":false,"metadata":{"background":true},"input":[{"background":true}]}';
	expect((await pass(body, { wishes: false, mayRunOn: false })).sent).toBe(body);
});

test('other formats are sent on byte by byte', async () => {
	const body = JSON.stringify({ ...CONVERSATION, stream: true });
	expect((await pass(body, { wishes: false, size: 7 })).sent).toBe(body);
});

test('a model is known under whatever spelling, and the last one counts', async () => {
	const spelled =
		'{"model":"cheap","mod\\u0065l":"dear\\u0065st\\/1","nested":{"model":"no"},"list":["model",{"model":1}]}';
	expect((await pass(spelled, { size: 2 })).asked.model).toBe('dearest/1');
});

test.each([
	'',
	'[]',
	'{"a":',
	'{"a":1,}',
	'{,}',
	'{"stream_options":{"a',
	'{"stream_opt',
	'no json "at all',
	'{"stream":true}{"stream":true}',
])('%j is nobody’s harm', async (body) => {
	const { sent } = await pass(body, { size: 3 });
	expect(Buffer.byteLength(sent)).toBe(Buffer.byteLength(body) + WISH_BYTES);
});
