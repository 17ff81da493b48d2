import type { LiveEvent } from '#shared/live.ts';
import type { Logger } from '../logger.ts';

/** How often a comment keeps the connection open and the reader's right to it is asked again, in ms. */
const HEARTBEAT = 20_000;
/** A reader that is this many bytes behind is cut off; it reconnects and reloads. */
const MAX_BEHIND = 1_000_000;

export type EventStreamOptions = {
	first: LiveEvent;
	subscribe(listener: (event: LiveEvent) => void): () => void;
	/** Asked at each heartbeat; false ends the stream, and so does an answer that cannot be had. */
	stillAllowed(): Promise<boolean>;
	logger: Logger;
	/** How many bytes wait at the browser's connection, beyond this stream. */
	unsent?: (() => number) | undefined;
	/** Ends the stream when the server stops or the browser leaves. */
	signal: AbortSignal;
};

/** An SSE response: one JSON live event per message, comments as heartbeat. */
export function eventStream(options: EventStreamOptions): Response {
	const { first, subscribe, stillAllowed, logger, unsent = () => 0, signal } = options;
	let release = (): void => undefined;
	const body = new ReadableStream<Uint8Array>(
		{
			start(controller) {
				const encoder = new TextEncoder();
				const end = (): void => {
					release();
					controller.close();
				};
				const write = (text: string): void => {
					if (unsent() - (controller.desiredSize ?? 0) > MAX_BEHIND) end();
					else controller.enqueue(encoder.encode(text));
				};
				const send = (event: LiveEvent): void => write(`data: ${JSON.stringify(event)}\n\n`);
				const unsubscribe = subscribe(send);
				const beat = async (): Promise<void> => {
					const allowed = await stillAllowed();
					if (released) return;
					if (allowed) write(': still here\n\n');
					else end();
				};
				const giveUp = (error: unknown): void => {
					if (released) return;
					logger.error({ err: error }, 'A live stream was ended: whether it may go on could not be asked.');
					end();
				};
				const heartbeat = setInterval(() => void beat().catch(giveUp), HEARTBEAT);
				let released = false;
				release = () => {
					released = true;
					clearInterval(heartbeat);
					unsubscribe();
					signal.removeEventListener('abort', end);
				};
				signal.addEventListener('abort', end, { once: true });
				send(first);
			},
			// The browser has left: the stream is closed already.
			cancel: () => release(),
		},
		new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
	);
	const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
	return new Response(body, { headers });
}
