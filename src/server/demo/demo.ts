import { z } from 'zod';
import { chatCompletionRequest } from './conversation.ts';
import { answerDemo } from './script.ts';
import { streamedReply, wholeReply } from './stream.ts';

/** The scripted provider that ships with doce: it builds a site offline, and says everywhere that it is a script. */
export const DEMO_PROVIDER = {
	id: 'doce-demo',
	name: 'Demo (scripted)',
	modelId: 'demo-site',
	modelName: 'Scripted site writer',
} as const;

const MAX_BODY_CHARACTERS = 16_000_000;

/**
 * Answers `GET …/models` and `POST …/chat/completions` as an OpenAI-compatible endpoint, streaming or not.
 * The caller has checked the key. `pauseMs` is the time between two pieces of streamed text.
 */
export async function demoResponse(request: Request, { pauseMs = 12 }: { pauseMs?: number } = {}): Promise<Response> {
	const { pathname } = new URL(request.url);
	if (request.method === 'GET' && pathname.endsWith('/models')) return Response.json(MODELS);
	if (request.method !== 'POST' || !pathname.endsWith('/chat/completions'))
		return refuse(404, 'The demo has no such endpoint.');
	const body = await request.text();
	if (body.length > MAX_BODY_CHARACTERS) return refuse(413, 'The request is too large.');
	const parsed = parseBody(body);
	if (!parsed.success) return refuse(400, `This is not a chat/completions request: ${z.prettifyError(parsed.error)}`);
	if (parsed.data.model !== DEMO_PROVIDER.modelId)
		return refuse(404, `The demo has one model: ${DEMO_PROVIDER.modelId}.`);
	const turn = answerDemo(parsed.data);
	return parsed.data.stream ? streamedReply(parsed.data, turn, pauseMs) : wholeReply(parsed.data, turn);
}

const MODELS = {
	object: 'list',
	data: [{ id: DEMO_PROVIDER.modelId, object: 'model', created: 0, owned_by: DEMO_PROVIDER.id }],
};

function parseBody(body: string): ReturnType<typeof chatCompletionRequest.safeParse> {
	try {
		return chatCompletionRequest.safeParse(JSON.parse(body));
	} catch (error) {
		if (error instanceof SyntaxError) return chatCompletionRequest.safeParse(undefined);
		throw error;
	}
}

/** An error in the shape that OpenAI's clients read. */
function refuse(status: number, message: string): Response {
	return Response.json({ error: { message, type: 'invalid_request_error', code: null } }, { status });
}
