import {
	bearer,
	type Frame,
	header,
	type Json,
	objects,
	type Reply,
	string,
	textOf,
	USAGE,
	type Wire,
} from './wire.ts';

/** OpenAI's chat/completions, spoken by most of the world. */
export const chatCompletions: Wire = {
	format: 'chat-completions',
	path: /\/chat\/completions$/,
	key: (headers) => bearer(headers) ?? header(headers, 'api-key'),
	read(body) {
		const messages = objects(body['messages']);
		const last = messages.findLastIndex((message) => message['role'] === 'user');
		return {
			model: string(body['model']),
			userText: textOf(messages[last]?.['content']),
			toolResults: messages.slice(last + 1).filter((message) => message['role'] === 'tool').length,
			toolNames: objects(body['tools']).map((tool) => string((tool['function'] as Json | undefined)?.['name'])),
			stream: body['stream'] === true,
		};
	},
	frames(reply) {
		const chunk = (delta: Json, finish: string | null = null, more: Json = {}): Frame => ({
			data: {
				...envelope(reply, 'chat.completion.chunk'),
				choices: [{ index: 0, delta, finish_reason: finish }],
				...more,
			},
		});
		return [
			chunk({ role: 'assistant', content: '' }),
			...reply.chunks.map((content) => chunk({ content })),
			...(reply.call ? [chunk({ tool_calls: [{ index: 0, ...toolCall(reply.call) }] })] : []),
			chunk({}, finishReason(reply), { usage: usage() }),
			{ data: '[DONE]' },
		];
	},
	whole(reply) {
		const message = {
			role: 'assistant',
			content: reply.chunks.join(''),
			...(reply.call && { tool_calls: [toolCall(reply.call)] }),
		};
		return {
			...envelope(reply, 'chat.completion'),
			choices: [{ index: 0, message, finish_reason: finishReason(reply) }],
			usage: usage(),
		};
	},
	errorBody: openAiError,
	modelList: openAiModelList,
};

/** The error shape that OpenAI's two formats share. */
export function openAiError(status: number, message: string): unknown {
	const type = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_request_error' : 'server_error';
	return { error: { message, type, param: null, code: status === 401 ? 'invalid_api_key' : null } };
}

export function openAiModelList(ids: string[]): unknown {
	return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'fake' })) };
}

function envelope(reply: Reply, object: string): Json {
	return { id: 'chatcmpl-fake', object, created: 1, model: reply.model };
}

function toolCall(call: NonNullable<Reply['call']>): Json {
	return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } };
}

function finishReason(reply: Reply): string {
	return reply.call ? 'tool_calls' : 'stop';
}

function usage(): Json {
	return {
		prompt_tokens: USAGE.input,
		completion_tokens: USAGE.output,
		total_tokens: USAGE.input + USAGE.output,
	};
}
