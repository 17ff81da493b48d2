import { z } from 'zod';
import type { LocalServer } from '#shared/localServers.ts';
import { callProvider, type Resolve } from '../probes/call.ts';
import { parseJson } from '../probes/outcome.ts';
import type { LocalPlaces } from './places.ts';
import { type Kind, type Try, wordsFor } from './words.ts';

type Model = { id: string; name: string };

export type FindLocalServers = {
	places: LocalPlaces;
	/** The ports these programs listen on unless told otherwise. */
	ports?: Record<Kind, number> | undefined;
	/** For each try, in ms. */
	timeoutMs?: number | undefined;
	resolve?: Resolve | undefined;
	signal?: AbortSignal | undefined;
};

const PORTS: Record<Kind, number> = { ollama: 11434, lmstudio: 1234 };
/** Something on this machine answers at once, or is not there. */
const TIMEOUT = 1_500;

/** Not made for conversation. */
const OTHER_MODELS = /embed|bert|minilm|rerank|whisper|bge-/i;

const NAMES: Record<Kind, string> = { ollama: 'Ollama', lmstudio: 'LM Studio' };

/** Tries every place at once, and says of each program where it answers with which models, or what is wrong in words. */
export async function findLocalServers(input: FindLocalServers): Promise<Omit<LocalServer, 'connected'>[]> {
	return Promise.all((['ollama', 'lmstudio'] as const).map((kind) => findServer(kind, input)));
}

async function findServer(kind: Kind, input: FindLocalServers): Promise<Omit<LocalServer, 'connected'>> {
	const port = (input.ports ?? PORTS)[kind];
	const tries = await Promise.all(input.places.hosts.map((host) => tryHost(kind, `${host}:${port}`, input)));
	const answers = tries.filter((one) => one.models !== undefined);
	const best = answers.find(({ models = [] }) => models.length > 0) ?? answers[0];
	const words = best?.models?.length ? NOTHING_WRONG : wordsFor(kind, { tries, inContainer: input.places.inContainer });
	return {
		kind,
		name: NAMES[kind],
		baseUrl: best === undefined ? null : `http://${best.at}/v1`,
		models: best?.models ?? [],
		...words,
	};
}

const NOTHING_WRONG = { fault: null, cure: null, command: null };

/** Ollama's own list says more than the one it shares with others; both programs have the latter. */
async function tryHost(kind: Kind, at: string, input: FindLocalServers): Promise<Try> {
	if (kind === 'ollama') {
		const own = await ask(at, '/api/tags', input);
		const tags = typeof own === 'object' ? ollamaTags.safeParse(own.body).data : undefined;
		if (tags !== undefined) return { at, models: conversational(tags.models.map(toOllamaModel)) };
		if (typeof own === 'string') return { at, fault: own };
	}
	const shared = await ask(at, '/v1/models', input);
	if (typeof shared === 'string') return { at, fault: shared };
	const list = modelList.safeParse(shared.body).data;
	if (list === undefined) return { at, answers: shared.status };
	return { at, models: conversational((list.data ?? []).map(({ id }) => ({ id, name: id }))) };
}

const ollamaTags = z.object({
	models: z.array(z.object({ name: z.string(), details: z.object({ family: z.string().optional() }).optional() })),
});
const modelList = z.object({ object: z.literal('list'), data: z.array(z.object({ id: z.string() })).nullable() });

function toOllamaModel({ name, details }: z.infer<typeof ollamaTags>['models'][number]): Model {
	return { id: name, name: details?.family !== undefined && OTHER_MODELS.test(details.family) ? 'embed' : name };
}

function conversational(models: Model[]): Model[] {
	return models.filter(({ id, name }) => !OTHER_MODELS.test(id) && !OTHER_MODELS.test(name)).slice(0, 500);
}

/** The answer, or a fault in words. */
async function ask(
	at: string,
	path: string,
	{ timeoutMs = TIMEOUT, resolve, signal }: FindLocalServers,
): Promise<{ status: number; body: unknown } | string> {
	const url = new URL(`http://${at}${path}`);
	const call = { url, method: 'GET', headers: {}, allowPrivate: true, timeoutMs, signal } as const;
	const reply = await callProvider(call, resolve);
	if (reply.kind === 'fault') return reply.message;
	return { status: reply.status, body: reply.status === 200 ? parseJson(reply.text) : undefined };
}
