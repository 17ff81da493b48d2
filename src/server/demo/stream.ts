import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChatCompletionRequest } from './conversation.ts';
import type { DemoTurn } from './script.ts';

/** A turn as one chat/completions answer. */
export function wholeReply(request: ChatCompletionRequest, turn: DemoTurn): Response {
	const message = {
		role: 'assistant',
		content: turn.text,
		...(turn.calls.length > 0 && { tool_calls: toolCalls(turn) }),
	};
	return Response.json({
		...envelope(request, 'chat.completion'),
		choices: [{ index: 0, message, finish_reason: finishReason(turn) }],
		usage: usageOf(request, turn),
	});
}

/** A turn as server-sent chunks: words first, then the tool calls, then the usage. `pauseMs` lies between two chunks. */
export function streamedReply(request: ChatCompletionRequest, turn: DemoTurn, pauseMs: number): Response {
	const events = chunks(request, turn);
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			await pause(pauseMs);
			const { value, done } = events.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(`data: ${value}\n\n`));
		},
	});
	return new Response(body, {
		headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
	});
}

function* chunks(request: ChatCompletionRequest, turn: DemoTurn): Generator<string, void> {
	const head = envelope(request, 'chat.completion.chunk');
	const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
		JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }], ...more });
	yield chunk({ role: 'assistant', content: '' });
	for (const content of turn.text.match(/[\s\S]{1,24}/gu) ?? []) yield chunk({ content });
	for (const [index, call] of toolCalls(turn).entries()) yield chunk({ tool_calls: [{ index, ...call }] });
	yield chunk({}, finishReason(turn), { usage: usageOf(request, turn) });
	yield '[DONE]';
}

function envelope({ model }: ChatCompletionRequest, object: string): object {
	return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}

function toolCalls({ calls }: DemoTurn): object[] {
	return calls.map(({ name, args }) => ({
		id: `call_${randomUUID().replaceAll('-', '')}`,
		type: 'function',
		function: { name, arguments: JSON.stringify(args) },
	}));
}

function finishReason({ calls }: DemoTurn): string {
	return calls.length > 0 ? 'tool_calls' : 'stop';
}

/** A script has no tokens; four characters each is the usual estimate, so that meters have something to show. */
function usageOf(request: ChatCompletionRequest, turn: DemoTurn): object {
	const prompt = Math.ceil(JSON.stringify(request.messages).length / 4);
	const completion = Math.ceil(JSON.stringify(turn).length / 4);
	return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
