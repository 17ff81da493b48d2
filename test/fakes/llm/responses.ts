import { openAiError, openAiModelList } from './chatCompletions.ts';
import {
	bearer,
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

/** OpenAI's responses format. */
export const responses: Wire = {
	format: 'responses',
	path: /\/responses$/,
	// Azure has a header of its own for it.
	key: (headers) => bearer(headers) ?? header(headers, 'api-key'),
	read(body) {
		const input = body['input'];
		const items = typeof input === 'string' ? [{ role: 'user', content: input }] : objects(input);
		const last = items.findLastIndex((item) => item['role'] === 'user');
		return {
			model: string(body['model']),
			userText: textOf(items[last]?.['content']),
			toolResults: items.slice(last + 1).filter((item) => item['type'] === 'function_call_output').length,
			toolNames: objects(body['tools']).map((tool) => string(tool['name']) || string(tool['type'])),
			stream: body['stream'] === true,
		};
	},
	frames(reply) {
		const events: Json[] = [{ type: 'response.created', response: response(reply, 'in_progress') }];
		if (reply.chunks.length > 0) events.push(...textEvents(reply));
		if (reply.call) events.push(...callEvents(reply.call, reply.chunks.length > 0 ? 1 : 0));
		events.push({ type: 'response.completed', response: response(reply, 'completed') });
		return events.map(
			(event, at): Frame => ({ event: string(event['type']), data: { ...event, sequence_number: at } }),
		);
	},
	whole: (reply) => response(reply, 'completed'),
	errorBody: openAiError,
	modelList: openAiModelList,
};

function textEvents(reply: Reply): Json[] {
	const at = { item_id: 'msg_fake', output_index: 0, content_index: 0 };
	const text = reply.chunks.join('');
	return [
		{
			type: 'response.output_item.added',
			output_index: 0,
			item: { ...textItem(''), status: 'in_progress', content: [] },
		},
		{ type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } },
		...reply.chunks.map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
		{ type: 'response.output_text.done', ...at, text },
		{ type: 'response.output_item.done', output_index: 0, item: textItem(text) },
	];
}

function callEvents(call: ToolCall, index: number): Json[] {
	const at = { item_id: 'fc_fake', output_index: index };
	const args = JSON.stringify(call.input);
	const started = { ...callItem(call), arguments: '', status: 'in_progress' };
	return [
		{ type: 'response.output_item.added', output_index: index, item: started },
		{ type: 'response.function_call_arguments.delta', ...at, delta: args },
		{ type: 'response.function_call_arguments.done', ...at, arguments: args },
		{ type: 'response.output_item.done', output_index: index, item: callItem(call) },
	];
}

function response(reply: Reply, status: 'in_progress' | 'completed'): Json {
	const base = { id: 'resp_fake', object: 'response', created_at: 1, status, model: reply.model };
	if (status === 'in_progress') return { ...base, output: [] };
	const text = reply.chunks.join('');
	const output = [...(text === '' ? [] : [textItem(text)]), ...(reply.call ? [callItem(reply.call)] : [])];
	return { ...base, output, usage: usage() };
}

function textItem(text: string): Json {
	const content = [{ type: 'output_text', text, annotations: [] }];
	return { id: 'msg_fake', type: 'message', role: 'assistant', status: 'completed', content };
}

function callItem(call: ToolCall): Json {
	const args = JSON.stringify(call.input);
	return {
		id: 'fc_fake',
		type: 'function_call',
		call_id: call.id,
		name: call.name,
		arguments: args,
		status: 'completed',
	};
}

function usage(): Json {
	return {
		input_tokens: USAGE.input,
		input_tokens_details: { cached_tokens: 0 },
		output_tokens: USAGE.output,
		output_tokens_details: { reasoning_tokens: 0 },
		total_tokens: USAGE.input + USAGE.output,
	};
}
