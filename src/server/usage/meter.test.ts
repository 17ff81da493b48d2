import { describe, expect, test } from 'vitest';
import { createMeter } from './meter.ts';
import { priceOf } from './records.ts';

const sse = (...messages: unknown[]) => messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join('');

const STREAMS = [
	{
		format: 'chat-completions' as const,
		text: `${sse(
			{ choices: [{ delta: { content: 'a "usage" of words' } }], usage: null },
			{
				choices: [],
				usage: {
					prompt_tokens: 100,
					completion_tokens: 30,
					prompt_tokens_details: { cached_tokens: 40 },
					completion_tokens_details: { reasoning_tokens: 10 },
				},
			},
		)}data: [DONE]\n\n`,
		tokens: { input: 60, cacheWrites: 0, cached: 40, output: 20, reasoning: 10 },
	},
	{
		format: 'responses' as const,
		text: `event: response.created\n${sse({ type: 'response.created', response: { usage: null } })}event: response.completed\n${sse(
			{
				type: 'response.completed',
				response: {
					usage: {
						input_tokens: 100,
						input_tokens_details: { cached_tokens: 40 },
						output_tokens: 30,
						output_tokens_details: { reasoning_tokens: 10 },
					},
				},
			},
		)}`,
		tokens: { input: 60, cacheWrites: 0, cached: 40, output: 20, reasoning: 10 },
	},
	{
		format: 'messages' as const,
		text: sse(
			{
				type: 'message_start',
				message: {
					usage: {
						input_tokens: 50,
						cache_creation_input_tokens: 10,
						cache_read_input_tokens: 40,
						output_tokens: 1,
					},
				},
			},
			{ type: 'content_block_delta', delta: { text: 'x' } },
			{ type: 'message_delta', usage: { output_tokens: 30 } },
		),
		tokens: { input: 60, cacheWrites: 10, cached: 40, output: 30, reasoning: 0 },
	},
	{
		format: 'generate-content' as const,
		text: sse(
			{ candidates: [], usageMetadata: { promptTokenCount: 100 } },
			{
				candidates: [],
				usageMetadata: {
					promptTokenCount: 100,
					cachedContentTokenCount: 40,
					candidatesTokenCount: 20,
					thoughtsTokenCount: 10,
				},
			},
		),
		tokens: { input: 60, cacheWrites: 0, cached: 40, output: 20, reasoning: 10 },
	},
];

describe.each(STREAMS)('a stream of $format', ({ format, text, tokens }) => {
	test.each([1, 7, 100_000])('tells its tokens in chunks of %i bytes', (size) => {
		const meter = createMeter(format, true);
		const bytes = Buffer.from(text);
		for (let at = 0; at < bytes.length; at += size) meter.push(bytes.subarray(at, at + size));
		expect(meter.result()).toEqual(tokens);
	});

	test('also with carriage returns, and without a last line end', () => {
		const meter = createMeter(format, true);
		meter.push(Buffer.from(text.trimEnd().replaceAll('\n', '\r\n')));
		expect(meter.result()).toEqual(tokens);
	});

	test('that is cut before its end tells none, or a beginning', () => {
		const meter = createMeter(format, true);
		meter.push(Buffer.from(text.slice(0, text.length / 4)));
		expect(meter.result()?.output ?? 0).toBeLessThan(tokens.output);
	});
});

test.each(STREAMS)('a whole answer of $format tells its tokens', ({ format, tokens }) => {
	const bodies = {
		'chat-completions': {
			usage: {
				prompt_tokens: 100,
				completion_tokens: 30,
				prompt_cache_hit_tokens: 40,
				completion_tokens_details: { reasoning_tokens: 10 },
			},
		},
		responses: {
			usage: {
				input_tokens: 100,
				input_tokens_details: { cached_tokens: 40 },
				output_tokens: 30,
				output_tokens_details: { reasoning_tokens: 10 },
			},
		},
		messages: {
			usage: {
				input_tokens: 50,
				cache_creation_input_tokens: 10,
				cache_read_input_tokens: 40,
				output_tokens: 30,
			},
		},
		'generate-content': {
			usageMetadata: {
				promptTokenCount: 100,
				cachedContentTokenCount: 40,
				candidatesTokenCount: 20,
				thoughtsTokenCount: 10,
			},
		},
	};
	const meter = createMeter(format, false);
	meter.push(Buffer.from(JSON.stringify({ id: 'x', ...bodies[format] })));
	expect(meter.result()).toEqual(tokens);
});

test('an answer that is no JSON, or far too long, tells nothing and is not kept', () => {
	const meter = createMeter('chat-completions', true);
	meter.push(Buffer.from('data: {"usage" <html>\n'));
	for (let at = 0; at < 6; at++) meter.push(Buffer.alloc(1024 * 1024, 'x'));
	meter.push(Buffer.from('"usage"\n'));
	expect(meter.result()).toBeUndefined();
});

test('where nothing is told, an event is a token, and what it has beyond the smallest one is text', () => {
	const piece = (content: string) => sse({ id: 'x', model: 'fake-1', choices: [{ delta: { content } }] });
	const estimateOf = (text: string, isStream = true) => {
		const meter = createMeter('chat-completions', isStream);
		meter.push(Buffer.from(text));
		return meter.estimate();
	};
	expect(estimateOf(`${piece('').repeat(50)}data: [DONE]\n\n`)).toBe(51);
	expect(estimateOf(piece('') + piece('four'.repeat(100)).repeat(10))).toBe(1_000);
	// With one event alone nobody knows how much of it is text.
	expect(estimateOf(piece('four'.repeat(1_000)))).toBeGreaterThan(900);
	expect(estimateOf(JSON.stringify({ text: 'x'.repeat(4_000) }), false)).toBe(1_003);
});

test('what a call costs follows the catalogue: cached and written tokens, and long contexts, have prices of their own', () => {
	const cost = { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 };
	const tokens = { input: 1_000, cacheWrites: 400, cached: 2_000, output: 100, reasoning: 50 };
	expect(priceOf(tokens, cost)).toBe(600 * 3 + 400 * 3.75 + 2_000 * 0.3 + 150 * 15);
	const long = { ...cost, context_over_200k: { input: 6, output: 22.5 } };
	expect(priceOf({ ...tokens, cached: 199_500 }, long)).toBe((600 + 400 + 199_500) * 6 + 150 * 22.5);
	expect(priceOf(tokens, undefined)).toBe(0);
});
