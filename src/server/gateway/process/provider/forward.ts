import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { redact } from '#server/auth/probes/redact.ts';
import type { Secret } from '#server/secret.ts';
import { createBlanker } from '../../wire/blank.ts';
import { headersToCaller } from '../../wire/headers.ts';
import { errorBody, Refused } from '../../wire/refusals.ts';
import type { Route } from '../../wire/routes.ts';

/** How much of a provider's error is passed on, searched for secrets, in bytes. */
const MOST_OF_AN_ERROR = 64 * 1024;

export type Outgoing = {
	dispatcher: Dispatcher;
	/** The provider's origin, and the path there. */
	origin: string;
	path: string;
	method: 'GET' | 'POST';
	headers: Record<string, string>;
	body: AsyncIterable<Buffer> | null;
	route: Route;
	/** The key, and whatever else of the connection's an answer must not repeat. */
	secrets: readonly Secret[];
	/** Called with the answer's status and whether it is a stream, then with each chunk of one that succeeded. */
	onAnswer(status: number, isStream: boolean): void;
	onChunk(chunk: Buffer): void;
};

/** How a call can be ended from outside. */
export type Handle = { abort(reason: Error): void };

type Controller = Dispatcher.DispatchController;

/**
 * Sends a call to a provider and its answer to the caller, chunk by chunk and no faster than the caller reads. Ends
 * when both have ended, or throws what went wrong before anything was answered. `handle` gets the way to end it.
 */
export function forward(outgoing: Outgoing, response: ServerResponse, handle: (way: Handle) => void): Promise<void> {
	return new Promise((resolve, reject) => {
		const relay = createRelay(outgoing, response, { resolve, reject });
		handle({ abort: relay.abort });
		const { dispatcher, origin, path, method, headers, body } = outgoing;
		// undici takes what can be iterated for a body, as its types do not say.
		const content = body as unknown as Dispatcher.DispatchOptions['body'];
		try {
			dispatcher.dispatch({ origin, path, method, headers, body: content ?? null }, relay.handler);
		} catch (error) {
			reject(error);
		}
	});
}

type Settle = { resolve(): void; reject(error: unknown): void };

function createRelay(outgoing: Outgoing, response: ServerResponse, settle: Settle) {
	const { secrets, route, onAnswer, onChunk } = outgoing;
	let controller: Controller | undefined;
	let aborted: Error | undefined;
	/** An error of the provider's: kept whole, since it may repeat what it was sent. */
	let error: { status: number; headers: Record<string, string>; chunks: Buffer[]; size: number } | undefined;

	const abort = (reason: Error): void => {
		aborted ??= reason;
		controller?.abort(reason);
	};
	response.once('close', () => {
		if (!response.writableFinished) abort(new Error('The caller has gone.'));
	});
	response.on('drain', () => controller?.resume());
	const sender = createSender(response, secrets, onChunk);

	function begin(status: number, incoming: IncomingHttpHeaders): void {
		const isStream = /^text\/event-stream/i.test(incoming['content-type'] ?? '');
		onAnswer(status, isStream);
		const headers = headersToCaller(incoming, secrets);
		if (status >= 300) {
			const elsewhere = status < 400 ? redirection(incoming) : undefined;
			if (elsewhere !== undefined) throw new Refused('redirect', elsewhere);
			error = { status, headers, chunks: [], size: 0 };
		} else if (!isReadable(headers)) {
			throw new Refused('unreachable', 'Cannot connect to API: the provider compresses its answers unasked.');
		} else {
			response.writeHead(status, headers);
			if (isStream) sender.begin();
		}
	}

	const handler: Dispatcher.DispatchHandler = {
		onRequestStart(given) {
			controller = given;
			if (aborted !== undefined) given.abort(aborted);
		},
		onResponseStart(given, status, headers) {
			// 102 and 103 only come before the answer: they say nothing that a caller waits for.
			if (status < 200) return;
			try {
				begin(status, headers);
			} catch (reason) {
				given.abort(reason as Error);
			}
		},
		onResponseData(given, chunk) {
			if (error === undefined) {
				sender.add(chunk, given);
			} else if (error.size < MOST_OF_AN_ERROR) {
				error.chunks.push(chunk.subarray(0, MOST_OF_AN_ERROR - error.size));
				error.size += chunk.length;
			}
		},
		onResponseEnd() {
			if (error === undefined) sender.end();
			else sendError(response, route, error, secrets);
			settle.resolve();
		},
		onResponseError(_, reason) {
			if (!response.headersSent) return settle.reject(reason);
			// Half an answer must not look like a whole one.
			response.destroy();
			settle.resolve();
		},
	};
	return { handler, abort };
}

/** Sends on what has come, at once: what comes in one piece goes in one piece. */
function createSender(response: ServerResponse, secrets: readonly Secret[], onChunk: Outgoing['onChunk']) {
	const blanker = createBlanker(secrets);
	let waiting: Buffer[] = [];
	let from: Controller | undefined;
	let hasSent = false;

	function send(): void {
		const [first, ...more] = waiting;
		waiting = [];
		if (first === undefined || response.destroyed) return;
		hasSent = true;
		const whole = blanker.push(more.length === 0 ? first : Buffer.concat([first, ...more]));
		if (whole.length === 0) return;
		onChunk(whole);
		if (!response.write(whole)) from?.pause();
	}

	return {
		/** Lets the caller know at once that a stream has begun, also when its first piece is still to come. */
		begin(): void {
			process.nextTick(() => {
				if (!hasSent && !response.destroyed) response.flushHeaders();
			});
		},
		add(chunk: Buffer, controller: Controller): void {
			from = controller;
			if (waiting.push(chunk) === 1) process.nextTick(send);
		},
		end(): void {
			send();
			const rest = blanker.end();
			if (rest.length > 0) onChunk(rest);
			response.end(rest);
		},
	};
}

function redirection({ location }: IncomingHttpHeaders): string {
	const host = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).host}` : '';
	return `The provider redirects${host}. doce follows no redirects with a key.`;
}

/** What is compressed, though it was asked not to be, cannot be searched for secrets, nor for what was used. */
function isReadable({ 'content-encoding': encoding = 'identity' }: Record<string, string>): boolean {
	return encoding.toLowerCase() === 'identity' || encoding === '';
}

type ProviderError = { status: number; headers: Record<string, string>; chunks: Buffer[] };

function sendError(
	response: ServerResponse,
	{ format }: Route,
	{ status, headers, chunks }: ProviderError,
	secrets: readonly Secret[],
): void {
	const { 'content-length': _length, 'content-encoding': _encoding, ...rest } = headers;
	const text = isReadable(headers)
		? redact(Buffer.concat(chunks).toString('utf8'), secrets)
		: errorBody(format, status, `The provider answered with ${status}.`);
	response.writeHead(status, { 'content-type': 'application/json', ...rest }).end(text);
}
