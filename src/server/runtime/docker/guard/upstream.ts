import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { AppError } from '#server/errors.ts';

/** One request to Docker, made by us from first to last. */
export type Call = { method: string; path: string; body?: unknown };

/** Docker's own socket, which nobody but the guard has. */
export type Upstream = {
	/** The beginning of the answer; what follows may take for ever, and ends with the signal. */
	send(call: Call, aborted?: AbortSignal): Promise<IncomingMessage>;
	/** The JSON of a 200; undefined for a 404. Throws `AppError('unavailable')` for anything else. */
	read<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined>;
};

const problem = z.object({ message: z.string() }).catch({ message: 'no reason given' });

export function connectUpstream(socketPath: string): Upstream {
	function send({ method, path, body }: Call, signal?: AbortSignal): Promise<IncomingMessage> {
		const text = body === undefined ? undefined : JSON.stringify(body);
		const headers = {
			Host: 'docker',
			...(text === undefined
				? method === 'POST' && { 'Content-Length': 0 }
				: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
		};
		return new Promise((resolve, reject) => {
			const call = request({ socketPath, method, path, headers, agent: false, ...(signal && { signal }) }, resolve);
			call.once('error', (cause) => {
				reject(new AppError('unavailable', 'Docker does not answer the guard of its socket.', { cause }));
			});
			call.end(text);
		});
	}
	return {
		send,
		async read(path, shape) {
			const answer = await send({ method: 'GET', path });
			const body = await json(answer).catch(() => undefined);
			if (answer.statusCode === 404) return undefined;
			if (answer.statusCode === 200) return shape.parse(body);
			throw new AppError('unavailable', `Docker answered ${answer.statusCode}: ${problem.parse(body).message}`);
		},
	};
}
