import {
	type Frame,
	header,
	type Json,
	objects,
	type Reply,
	string,
	type ToolCall,
	textOf,
	USAGE,
	type Wire,
} from './wire.ts';

/** Anthropic's messages format. */
export const messages: Wire = {
	format: 'messages',
	path: /\/messages$/,
	key: (headers) => header(headers, 'x-api-key'),
	read(body) {
		const all = objects(body['messages']);
		// A tool's result is a user message too; the person's own has text in it.
		const last = all.findLastIndex((message) => message['role'] === 'user' && textOf(message['content']) !== '');
		return {
			model: string(body['model']),
			userText: textOf(all[last]?.['content']),
			toolResults: all.slice(last + 1).flatMap((message) => results(message['content'])).length,
			toolNames: objects(body['tools']).map((tool) => string(tool['name'])),
			stream: body['stream'] === true,
		};
	},
	frames(reply) {
		const start = { ...message(reply), content: [], stop_reason: null, usage: { ...usage(), output_tokens: 1 } };
		const events: Json[] = [{ type: 'message_start', message: start }];
		const blocks = [
			...(reply.chunks.length > 0 ? [textBlock(reply.chunks)] : []),
			...(reply.call ? [callBlock(reply.call)] : []),
		];
		for (const [index, block] of blocks.entries()) {
			events.push({ type: 'content_block_start', index, content_block: block.start });
			events.push(...block.deltas.map((delta) => ({ type: 'content_block_delta', index, delta })));
			events.push({ type: 'content_block_stop', index });
		}
		events.push({
			type: 'message_delta',
			delta: { stop_reason: stopReason(reply), stop_sequence: null },
			usage: usage(),
		});
		events.push({ type: 'message_stop' });
		return events.map((event): Frame => ({ event: string(event['type']), data: event }));
	},
	whole: message,
	errorBody(status, text) {
		const types: Record<number, string> = {
			401: 'authentication_error',
			403: 'permission_error',
			429: 'rate_limit_error',
		};
		return {
			type: 'error',
			error: { type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message: text },
		};
	},
	modelList(ids) {
		const data = ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
		return { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null };
	},
};

function results(content: unknown): Json[] {
	return objects(content).filter((part) => part['type'] === 'tool_result');
}

function textBlock(chunks: string[]): { start: Json; deltas: Json[] } {
	return { start: { type: 'text', text: '' }, deltas: chunks.map((text) => ({ type: 'text_delta', text })) };
}

function callBlock(call: ToolCall): { start: Json; deltas: Json[] } {
	return {
		start: { ...toolUse(call), input: {} },
		deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(call.input) }],
	};
}

function message(reply: Reply): Json {
	const text = reply.chunks.join('');
	return {
		id: 'msg_fake',
		type: 'message',
		role: 'assistant',
		model: reply.model,
		content: [...(text === '' ? [] : [{ type: 'text', text }]), ...(reply.call ? [toolUse(reply.call)] : [])],
		stop_reason: stopReason(reply),
		stop_sequence: null,
		usage: usage(),
	};
}

function toolUse(call: ToolCall): Json {
	return { type: 'tool_use', id: call.id, name: call.name, input: call.input };
}

function stopReason(reply: Reply): string {
	return reply.call ? 'tool_use' : 'end_turn';
}

function usage(): Json {
	return { input_tokens: USAGE.input, output_tokens: USAGE.output };
}
