import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import type { WireFormat } from '#shared/providers.ts';
import { checkDestination } from './destinations.ts';
import { readBaseUrl, readHeaders } from './input/endpoint.ts';
import { readKey } from './input/key.ts';
import { callProvider, type ProviderFault, type ProviderReply } from './probes/call.ts';
import {
	accepted,
	notAnApi,
	outcomeOfFault,
	outcomeOfRefusal,
	type ProbeOutcome,
	parseJson,
	untested,
} from './probes/outcome.ts';
import { headerOf, keyHeaders, type ProbeRoute, type ProbeTarget, routeOf, tokenRequest } from './probes/targets.ts';

/** For all calls of a probe together, in ms. */
const TOTAL_TIME = 20_000;

/** Not made for conversation: no use for asking one token. */
const OTHER_MODELS = /embed|whisper|tts|image|rerank|moderation|guard|audio|transcri|video|speech|ocr/i;

export type ProbeInput = {
	target: ProbeTarget;
	/** undefined for an endpoint without one. */
	key: Secret | undefined;
	/** Sent in place of a missing key, as OpenCode will. */
	placeholder: string;
	signal?: AbortSignal | undefined;
	/** Overrides the 20 s that all calls together may take, in ms. */
	timeoutMs?: number | undefined;
};

/**
 * Tests a key with an authenticated call, within 20 s. Whatever the provider or the network says comes back as an
 * outcome in words, without the key. Throws `AppError('invalid')` for an address that must not be called.
 */
export async function probe(input: ProbeInput): Promise<ProbeOutcome> {
	const route = routeOf(input.target);
	if (typeof route === 'string') return untested(route);
	const caller = callerOf(input);
	const checked = route.check && (await runCheck(route.check, route.token, input, caller));
	if (checked !== undefined && !('models' in checked)) return checked;
	if (!route.token) return accepted(acceptedWords(input, checked?.models), checked?.models?.length);
	return askOneToken(route, input, checked?.models, caller);
}

type Caller = (url: string, headers: Record<string, string>, body?: unknown) => Promise<ProviderReply | ProviderFault>;

function callerOf({ target, signal, timeoutMs = TOTAL_TIME }: ProbeInput): Caller {
	const end = Date.now() + timeoutMs;
	const own = revealed(target.headers);
	return (address, headers, body) =>
		callProvider({
			url: checkDestination(address, target),
			method: body === undefined ? 'GET' : 'POST',
			headers: { ...headers, ...own, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
			body: body === undefined ? undefined : JSON.stringify(body),
			allowPrivate: target.allowPrivate,
			timeoutMs: Math.max(1, end - Date.now()),
			signal,
		});
}

/** The models it listed, if any; or the outcome that ends the probe. A missing route is no fault when more follows. */
async function runCheck(
	check: NonNullable<ProbeRoute['check']>,
	moreFollows: boolean,
	input: ProbeInput,
	call: Caller,
): Promise<{ models: string[] | undefined } | ProbeOutcome> {
	const { providerName } = input.target;
	const reply = await call(check.url, keyHeaders(check.header, keyOf(input)));
	if (reply.kind === 'fault') return outcomeOfFault(reply);
	if (moreFollows && [400, 404, 405, 501].includes(reply.status)) return { models: undefined };
	if (reply.status >= 300) return outcomeOfRefusal(reply, providerName, secretsOf(input));
	const body = parseJson(reply.text);
	if (typeof body !== 'object' || body === null) return moreFollows ? { models: undefined } : notAnApi(providerName);
	return { models: check.lists ? readModels(body)?.map((model) => model.id) : undefined };
}

async function askOneToken(
	route: ProbeRoute,
	input: ProbeInput,
	listed: string[] | undefined,
	call: Caller,
): Promise<ProbeOutcome> {
	const { providerName } = input.target;
	const model = modelToAsk(input.target, listed);
	if (model === undefined) return untested(`${providerName} lists no model that doce could test the key with.`);
	const headers = keyHeaders(headerOf(route.format), keyOf(input));
	const { url, body } = tokenRequest(route, model);
	let reply = await call(url, headers, body);
	if (reply.kind === 'reply' && reply.status === 400 && /max_(completion_)?tokens|output limit/i.test(reply.text)) {
		// Some newer models take no `max_tokens`, or no limit as low as one.
		const { max_tokens: _, ...rest } = body;
		reply = await call(url, headers, { ...rest, ...(route.format === 'messages' ? { max_tokens: 16 } : {}) });
	}
	if (reply.kind === 'fault') return outcomeOfFault(reply);
	if (reply.status >= 300) return outcomeOfRefusal(reply, providerName, secretsOf(input));
	const isAnswer = typeof parseJson(reply.text) === 'object' || /^\s*(data|event|:)/.test(reply.text);
	if (!isAnswer) return notAnApi(providerName);
	return accepted(`${acceptedWords(input, listed)} Tested with one short request to ${model}.`, listed?.length);
}

function modelToAsk(target: ProbeTarget, listed: string[] | undefined): string | undefined {
	const known = target.models.filter((id) => !OTHER_MODELS.test(id));
	if (target.format !== null) return target.models[0] ?? listed?.[0];
	return known.find((id) => listed?.includes(id)) ?? known[0] ?? listed?.find((id) => !OTHER_MODELS.test(id));
}

function acceptedWords({ target, key }: ProbeInput, models: string[] | undefined): string {
	const count = models === undefined ? '' : `: ${models.length} ${models.length === 1 ? 'model' : 'models'}`;
	return `${target.providerName} ${key === undefined ? 'answers' : 'accepts the key'}${count}.`;
}

function keyOf(input: ProbeInput): Secret {
	return input.key ?? new Secret(input.placeholder);
}

function secretsOf({ key, target }: ProbeInput): Secret[] {
	return [...(key === undefined ? [] : [key]), ...Object.values(target.headers)];
}

export type ListedModel = { id: string; name: string };

const modelList = z.union([
	z.object({
		data: z.array(z.object({ id: z.string(), display_name: z.string().optional(), name: z.string().optional() })),
	}),
	z.object({ models: z.array(z.object({ name: z.string(), displayName: z.string().optional() })) }),
	z.array(z.object({ id: z.string(), display_name: z.string().optional(), name: z.string().optional() })),
]);

/** The models of a list in OpenAI's, Anthropic's, Google's or Ollama's shape; undefined when it is none of them. */
function readModels(body: unknown): ListedModel[] | undefined {
	const parsed = modelList.safeParse(body);
	if (!parsed.success) return undefined;
	const list = parsed.data;
	if ('models' in list) {
		return list.models.map((model) => ({
			id: model.name.replace(/^models\//, ''),
			name: model.displayName ?? model.name.replace(/^models\//, ''),
		}));
	}
	return (Array.isArray(list) ? list : list.data).map((model) => ({
		id: model.id,
		name: model.display_name ?? model.name ?? model.id,
	}));
}

export type LoadModelsInput = {
	baseURL: string;
	key?: Secret | undefined;
	headers?: Record<string, Secret> | undefined;
	format: WireFormat;
	/** The admin's word that a private address is meant. */
	local: boolean;
	signal?: AbortSignal | undefined;
};

/** At most this many are taken, as a connection stores no more. */
const MAX_MODELS = 500;

/** Asks an endpoint for its models, by id. Throws `AppError` with the exact fault when there is no list to be had. */
export async function loadModels(input: LoadModelsInput): Promise<ListedModel[]> {
	const url = new URL(`${readBaseUrl(input.baseURL, input.local)}/models`);
	const key = input.key && readKey(input.key.reveal());
	const own = Object.entries(readHeaders(revealed(input.headers ?? {})));
	const reply = await callProvider({
		url,
		method: 'GET',
		headers: {
			...(key === undefined ? {} : keyHeaders(headerOf(input.format), key)),
			...revealed(Object.fromEntries(own)),
		},
		allowPrivate: input.local,
		timeoutMs: TOTAL_TIME,
		signal: input.signal,
	});
	if (reply.kind === 'fault') throw new AppError('unavailable', reply.message);
	const secrets = [...(key === undefined ? [] : [key]), ...own.map(([, value]) => value)];
	if (reply.status >= 300) throw new AppError('unavailable', outcomeOfRefusal(reply, url.host, secrets).message);
	const models = readModels(parseJson(reply.text));
	if (models === undefined)
		throw new AppError('unavailable', `${url.host} answers, but not with a list of models. Enter the models by hand.`);
	return models.sort((a, b) => a.id.localeCompare(b.id)).slice(0, MAX_MODELS);
}

function revealed(headers: Record<string, Secret>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}
