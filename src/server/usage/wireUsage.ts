import { z } from 'zod';
import type { WireFormat } from '#shared/providers.ts';

/** What a call used, counted as the table has it: nothing twice. */
export type Tokens = {
	/** Without the cached ones. */
	input: number;
	/** Of `input`, those that were written to a cache, which some providers charge more for. */
	cacheWrites: number;
	cached: number;
	/** Without the reasoning ones. */
	output: number;
	reasoning: number;
};

/** The usage that a message of a wire format tells; undefined when it tells none. What is missing counts as nothing. */
export function usageIn(format: WireFormat, message: unknown): Tokens | undefined {
	const { data } = message === undefined ? {} : carriers[format].safeParse(message);
	return data;
}

/** Anthropic's later messages leave out what an earlier one said: each count only grows. */
export function atLeast(one: Tokens | undefined, other: Tokens): Tokens {
	if (one === undefined) return other;
	return {
		input: Math.max(one.input, other.input),
		cacheWrites: Math.max(one.cacheWrites, other.cacheWrites),
		cached: Math.max(one.cached, other.cached),
		output: Math.max(one.output, other.output),
		reasoning: Math.max(one.reasoning, other.reasoning),
	};
}

const count = z
	.number()
	.nonnegative()
	.nullish()
	.transform((value) => Math.round(value ?? 0));
const details = z.object({ cached_tokens: count, reasoning_tokens: count }).nullish();

function tokensOf(all: { input: number; cached: number; output: number; reasoning: number }): Tokens {
	const { input, cached, output, reasoning } = all;
	return {
		input: Math.max(0, input - cached),
		cacheWrites: 0,
		cached: Math.min(cached, input),
		output: Math.max(0, output - reasoning),
		reasoning: Math.min(reasoning, output),
	};
}

const chatUsage = z
	.object({
		prompt_tokens: count,
		completion_tokens: count,
		prompt_tokens_details: details,
		completion_tokens_details: details,
		/** DeepSeek's word for it. */
		prompt_cache_hit_tokens: count,
	})
	.transform((usage) =>
		tokensOf({
			input: usage.prompt_tokens,
			cached: usage.prompt_tokens_details?.cached_tokens || usage.prompt_cache_hit_tokens,
			output: usage.completion_tokens,
			reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
		}),
	);

const responsesUsage = z
	.object({
		input_tokens: count,
		output_tokens: count,
		input_tokens_details: details,
		output_tokens_details: details,
	})
	.transform((usage) =>
		tokensOf({
			input: usage.input_tokens,
			cached: usage.input_tokens_details?.cached_tokens ?? 0,
			output: usage.output_tokens,
			reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
		}),
	);

/** Anthropic counts the cached ones apart, and thinking among the output. */
const messagesUsage = z
	.object({
		input_tokens: count,
		cache_creation_input_tokens: count,
		cache_read_input_tokens: count,
		output_tokens: count,
	})
	.transform(
		(usage): Tokens => ({
			input: usage.input_tokens + usage.cache_creation_input_tokens,
			cacheWrites: usage.cache_creation_input_tokens,
			cached: usage.cache_read_input_tokens,
			output: usage.output_tokens,
			reasoning: 0,
		}),
	);

const googleUsage = z
	.object({
		promptTokenCount: count,
		cachedContentTokenCount: count,
		toolUsePromptTokenCount: count,
		candidatesTokenCount: count,
		thoughtsTokenCount: count,
	})
	.transform((usage) =>
		tokensOf({
			input: usage.promptTokenCount + usage.toolUsePromptTokenCount,
			cached: usage.cachedContentTokenCount,
			output: usage.candidatesTokenCount + usage.thoughtsTokenCount,
			reasoning: usage.thoughtsTokenCount,
		}),
	);

/** Where the messages of a format carry it: a whole answer, or the events of a stream. */
const carriers: Record<WireFormat, z.ZodType<Tokens>> = {
	'chat-completions': z.union([
		z.object({ usage: chatUsage }).transform(({ usage }) => usage),
		// Groq's streams.
		z.object({ x_groq: z.object({ usage: chatUsage }) }).transform((message) => message.x_groq.usage),
	]),
	responses: z.union([
		z.object({ response: z.object({ usage: responsesUsage }) }).transform(({ response }) => response.usage),
		z.object({ usage: responsesUsage }).transform(({ usage }) => usage),
	]),
	messages: z.union([
		z.object({ message: z.object({ usage: messagesUsage }) }).transform(({ message }) => message.usage),
		z.object({ usage: messagesUsage }).transform(({ usage }) => usage),
	]),
	'generate-content': z.object({ usageMetadata: googleUsage }).transform(({ usageMetadata }) => usageMetadata),
};
