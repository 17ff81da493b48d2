import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMeter, type Meter } from '../../usage/meter.ts';
import type { Tokens } from '../../usage/wireUsage.ts';
import { headersToProvider } from '../wire/headers.ts';
import { Refused } from '../wire/refusals.ts';
import type { Route } from '../wire/routes.ts';
import { type Asked, createReader, WISH_BYTES } from '../wire/wish.ts';
import { type Admitted, type GatewayGround, requireBudget } from './admit.ts';
import { costOf } from './directory.ts';
import { forward, type Handle } from './provider/forward.ts';

const MOST_BYTES = 32 * 1024 * 1024;
/** How long a call may take in all, in ms. */
const LONGEST_CALL = 30 * 60_000;
const TOO_LARGE = 'A request has at most 32 MB.';

type Exchange = { request: IncomingMessage; response: ServerResponse };

/** Makes an admitted call, within its limits, and notes what it used. Throws `Refused`, or the fault of the network. */
export async function passOn(
	ground: GatewayGround,
	admitted: Admitted,
	route: Route,
	exchange: Exchange,
): Promise<void> {
	const { token } = admitted;
	const ending = createEnd();
	const end = ground.calls.begin({
		projectId: token.project_id,
		connectionId: token.connection_id,
		tokenHash: token.token_hash,
		cut: () => {
			ending.abort(new Error('This call was ended.'));
			exchange.response.destroy();
		},
	});
	if (end === undefined)
		throw new Refused('limit', 'This project has 16 calls under way, which is as many as it may have.');
	const timer = setTimeout(() => ending.abort(new Error('The call took too long.')), LONGEST_CALL);
	try {
		await requireBudget(ground, admitted);
		await send(ground, admitted, route, { ...exchange, ending });
	} finally {
		clearTimeout(timer);
		end();
	}
}

async function send(
	ground: GatewayGround,
	admitted: Admitted,
	route: Route,
	{ request, response, ending }: Exchange & { ending: End },
): Promise<void> {
	const { upstream, origin, path, key, headers: own, isOurs } = admitted.way;
	const body = bodyOf(request, route, upstream.reportsUsage);
	const keyHeader = upstream.keyHeaderOf(route.format);
	const headers = { ...headersToProvider(request.headers, { key, keyHeader, own }), ...body.headers };
	const tally = createTally(route);
	if (response.destroyed) return;
	try {
		await forward(
			{
				dispatcher: ground.dispatchers.for({ ...upstream, isOurs }),
				origin,
				path: path + route.suffix,
				method: route.kind === 'list' ? 'GET' : 'POST',
				headers,
				body: body.content,
				route,
				key,
				secrets: [key, ...Object.values(own)],
				...tally.on,
			},
			response,
			ending.set,
		);
	} finally {
		if (route.kind !== 'list') ground.ledger.add(tally.recordOf(admitted, body));
	}
}

type End = ReturnType<typeof createEnd>;

/** Ends a call that has begun, or that is about to. */
function createEnd() {
	let handle: Handle | undefined;
	let reason: Error | undefined;
	return {
		set(given: Handle): void {
			handle = given;
			if (reason !== undefined) given.abort(reason);
		},
		abort(given: Error): void {
			reason ??= given;
			handle?.abort(given);
		},
	};
}

type Body = {
	headers: Record<string, string>;
	content: AsyncIterable<Buffer> | null;
	asked: Asked;
	/** How many bytes of it have come. */
	size(): number;
};

/** A caller's body, read as it goes by. Throws `Refused` for one that says it is too large; ends one that is. */
function bodyOf(request: IncomingMessage, { kind, format }: Route, reportsUsage: boolean): Body {
	const wishes = kind === 'generate' && format === 'chat-completions' && !reportsUsage;
	const reader = createReader(wishes);
	let size = 0;
	if (kind === 'list') {
		request.resume();
		return { headers: {}, content: null, asked: reader.asked, size: () => 0 };
	}
	const told = request.headers['content-length'];
	if (told !== undefined && Number(told) > MOST_BYTES) throw new Refused('tooLarge', TOO_LARGE);
	async function* counted(): AsyncGenerator<Buffer> {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > MOST_BYTES) throw new Refused('tooLarge', TOO_LARGE);
			yield chunk;
		}
	}
	const length = told === undefined ? undefined : String(Number(told) + (wishes ? WISH_BYTES : 0));
	return {
		headers: length === undefined ? {} : { 'content-length': length },
		content: reader.through(counted()),
		asked: reader.asked,
		size: () => size,
	};
}

/** Keeps count of an answer as it goes by. */
function createTally(route: Route) {
	const startedAt = Date.now();
	let status = 0;
	let size = 0;
	let meter: Meter | undefined;

	function tokensOf(sent: number): Tokens {
		const told = meter?.result();
		if (told !== undefined) return told;
		// Whoever ends a stream before its usage is told has used it all the same: about four bytes are a token.
		const isOpen = meter !== undefined && route.kind === 'generate';
		const output = meter?.events() || size / 4;
		return { ...NOTHING, ...(isOpen && { input: Math.round(sent / 4), output: Math.round(output) }) };
	}

	return {
		on: {
			onAnswer(given: number, isStream: boolean): void {
				status = given;
				if (given < 300) meter = createMeter(route.format, isStream);
			},
			onChunk(chunk: Buffer): void {
				size += chunk.length;
				meter?.push(chunk);
			},
		},
		recordOf({ token, connection, known }: Admitted, body: Body) {
			const modelId = route.model ?? body.asked.model;
			return {
				at: startedAt,
				userId: token.user_id,
				projectId: token.project_id,
				connectionId: connection.id,
				providerId: connection.provider_id,
				modelId: (modelId ?? 'unknown').slice(0, 200),
				status,
				durationMs: Date.now() - startedAt,
				tokens: tokensOf(body.size()),
				cost: costOf(known, modelId),
			};
		},
	};
}

const NOTHING: Tokens = { input: 0, cacheWrites: 0, cached: 0, output: 0, reasoning: 0 };
