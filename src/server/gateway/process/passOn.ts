import type { IncomingMessage, ServerResponse } from 'node:http';
import { headersToProvider, secretsOf } from '../wire/headers.ts';
import { Refused } from '../wire/refusals.ts';
import type { Route } from '../wire/routes.ts';
import { type Asked, createReader, WISH_BYTES } from '../wire/wish.ts';
import { type Admitted, type GatewayGround, requireBudget } from './admit.ts';
import { forward, type Handle } from './provider/forward.ts';
import { createTally, type Sent } from './tally.ts';

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
	const tally = createTally(admitted, route, body.asked, body);
	await requireBudget(ground, tally);
	if (response.destroyed) return ground.holds.release(tally);
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
				secrets: secretsOf(key, own),
				onAnswer: tally.onAnswer,
				onChunk: tally.onChunk,
			},
			response,
			ending.set,
		);
	} finally {
		if (route.kind !== 'list') ground.ledger.add(tally.record());
		ground.holds.release(tally);
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

type Body = Sent & {
	headers: Record<string, string>;
	content: AsyncIterable<Buffer> | null;
	asked: Asked;
};

/** A caller's body, read as it goes by. Throws `Refused` for one that says it is too large; ends one that is. */
function bodyOf(request: IncomingMessage, { kind, format }: Route, reportsUsage: boolean): Body {
	const wishes = kind === 'generate' && format === 'chat-completions' && !reportsUsage;
	const reader = createReader({ wishes, mayRunOn: format !== 'responses' });
	let size = 0;
	let isWhole = false;
	if (kind === 'list') {
		request.resume();
		return { headers: {}, content: null, asked: reader.asked, size: () => 0, told: 0, isWhole: () => true };
	}
	const length = request.headers['content-length'];
	const told = length === undefined ? undefined : Number(length);
	if (told !== undefined && told > MOST_BYTES) throw new Refused('tooLarge', TOO_LARGE);
	async function* counted(): AsyncGenerator<Buffer> {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > MOST_BYTES) throw new Refused('tooLarge', TOO_LARGE);
			yield chunk;
		}
		isWhole = true;
	}
	return {
		headers: told === undefined ? {} : { 'content-length': String(told + (wishes ? WISH_BYTES : 0)) },
		content: reader.through(counted()),
		asked: reader.asked,
		size: () => size,
		told,
		isWhole: () => isWhole,
	};
}
