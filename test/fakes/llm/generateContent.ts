import { type Frame, header, type Json, objects, type Reply, string, textOf, USAGE, type Wire } from './wire.ts';

/** Google's generateContent; the model and the wish to stream are in the path. */
export const generateContent: Wire = {
	format: 'generate-content',
	path: /\/models\/[^/]+:(streamGenerateContent|generateContent)$/,
	key: (headers, query) => header(headers, 'x-goog-api-key') ?? query.get('key') ?? undefined,
	read(body, path) {
		const contents = objects(body['contents']);
		const last = contents.findLastIndex((content) => content['role'] !== 'model' && textOf(content['parts']) !== '');
		return {
			model: decodeURIComponent(/\/models\/([^/:]+)/.exec(path)?.[1] ?? ''),
			userText: textOf(contents[last]?.['parts']),
			toolResults: contents.slice(last + 1).flatMap((content) => functionResponses(content['parts'])).length,
			toolNames: objects(body['tools'])
				.flatMap((tool) => objects(tool['functionDeclarations']))
				.map((declaration) => string(declaration['name'])),
			stream: path.endsWith(':streamGenerateContent'),
		};
	},
	frames(reply) {
		const parts: Json[] = reply.chunks.map((text) => ({ text }));
		if (reply.call) parts.push(functionCall(reply.call));
		return [
			...parts.map((part): Frame => ({ data: candidate(reply, [part]) })),
			{ data: candidate(reply, [{ text: '' }], 'STOP') },
		];
	},
	whole(reply) {
		const text = reply.chunks.join('');
		const parts = [...(text === '' ? [] : [{ text }]), ...(reply.call ? [functionCall(reply.call)] : [])];
		return candidate(reply, parts, 'STOP');
	},
	errorBody(status, message) {
		const names: Record<number, string> = {
			400: 'INVALID_ARGUMENT',
			401: 'UNAUTHENTICATED',
			403: 'PERMISSION_DENIED',
			429: 'RESOURCE_EXHAUSTED',
		};
		return { error: { code: status, message, status: names[status] ?? 'INTERNAL' } };
	},
	modelList(ids) {
		const methods = ['generateContent', 'streamGenerateContent'];
		return {
			models: ids.map((id) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods: methods })),
		};
	},
};

function functionResponses(parts: unknown): Json[] {
	return objects(parts).filter((part) => part['functionResponse'] !== undefined);
}

function functionCall(call: NonNullable<Reply['call']>): Json {
	return { functionCall: { name: call.name, args: call.input } };
}

function candidate(reply: Reply, parts: Json[], finishReason?: string): Json {
	const usageMetadata = {
		promptTokenCount: USAGE.input,
		candidatesTokenCount: USAGE.output,
		totalTokenCount: USAGE.input + USAGE.output,
	};
	const content = { role: 'model', parts };
	return {
		candidates: [{ index: 0, content, ...(finishReason && { finishReason }) }],
		usageMetadata,
		modelVersion: reply.model,
	};
}
