import type { LiveEvent } from '#shared/live.ts';

/** How often a comment keeps the connection open and the reader's right to it is asked again, in ms. */
const HEARTBEAT = 20_000;
/** A reader that is this many bytes behind is cut off; it reconnects and reloads. */
const MAX_BEHIND = 1_000_000;

export type EventStreamOptions = {
	first: LiveEvent;
	subscribe(listener: (event: LiveEvent) => void): () => void;
	/** Asked at each heartbeat; false ends the stream. */
	stillAllowed(): Promise<boolean>;
	/** Ends the stream when the server stops or the browser leaves. */
	signal: AbortSignal;
};

/** An SSE response: one JSON live event per message, comments as heartbeat. */
export function eventStream({ first, subscribe, stillAllowed, signal }: EventStreamOptions): Response {
	let end = (): void => undefined;
	const body = new ReadableStream<Uint8Array>(
		{
			start(controller) {
				const encoder = new TextEncoder();
				const write = (text: string): void => {
					if ((controller.desiredSize ?? 0) < -MAX_BEHIND) end();
					else controller.enqueue(encoder.encode(text));
				};
				const send = (event: LiveEvent): void => write(`data: ${JSON.stringify(event)}\n\n`);
				const unsubscribe = subscribe(send);
				const heartbeat = setInterval(
					async () => ((await stillAllowed()) ? write(': still here\n\n') : end()),
					HEARTBEAT,
				);
				end = once(() => {
					clearInterval(heartbeat);
					unsubscribe();
					controller.close();
				});
				signal.addEventListener('abort', () => end(), { once: true });
				send(first);
			},
			cancel: () => end(),
		},
		new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
	);
	const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
	return new Response(body, { headers });
}

function once(action: () => void): () => void {
	let done = false;
	return () => {
		if (done) return;
		done = true;
		action();
	};
}
