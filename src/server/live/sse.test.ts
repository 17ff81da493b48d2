import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { LiveEvent } from '#shared/live.ts';
import { createLive } from './live.ts';
import { type EventStreamOptions, eventStream } from './sse.ts';

const hello: LiveEvent = { type: 'hello', version: '1' };
const gone: LiveEvent = { type: 'project.deleted', projectId: 'p' };

function open(signal: AbortSignal, options: Partial<EventStreamOptions> = {}) {
	const lines: string[] = [];
	const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
	const live = createLive();
	let subscribers = 0;
	const response = eventStream({
		first: hello,
		subscribe: (listener) => {
			subscribers++;
			const leave = live.subscribe({ userId: 'ada' }, listener);
			return () => {
				subscribers--;
				leave();
			};
		},
		stillAllowed: async () => true,
		logger,
		signal,
		...options,
	});
	const reader = response.body?.getReader();
	if (reader === undefined) throw new Error('There is no body.');
	const read = async () => new TextDecoder().decode((await reader.read()).value);
	return { live, reader, read, lines, subscribers: () => subscribers };
}

afterEach(() => void vi.useRealTimers());

test('a reader gets hello, then what is for them', async () => {
	const { live, read } = open(new AbortController().signal);
	expect(await read()).toBe(`data: ${JSON.stringify(hello)}\n\n`);
	live.publish({ userId: 'eve' }, gone);
	live.publish({ userId: 'ada', projectId: 'not open here' }, gone);
	live.publish({ userId: 'ada' }, gone);
	expect(await read()).toBe(`data: ${JSON.stringify(gone)}\n\n`);
});

test('a browser that leaves is forgotten, and the server’s end later does not trip over it', async () => {
	const stopping = new AbortController();
	const { live, reader, read, subscribers } = open(stopping.signal);
	await read();
	await reader.cancel();
	expect(subscribers()).toBe(0);
	live.publish({ userId: 'ada' }, gone);
	stopping.abort();
});

test('the server’s end closes the stream', async () => {
	const stopping = new AbortController();
	const { reader, read, subscribers } = open(stopping.signal);
	await read();
	stopping.abort();
	expect(await reader.read()).toMatchObject({ done: true });
	expect(subscribers()).toBe(0);
});

test('the stream of a session that was revoked ends at the next heartbeat', async () => {
	vi.useFakeTimers();
	const { reader, read, subscribers } = open(new AbortController().signal, { stillAllowed: async () => false });
	await read();
	await vi.advanceTimersByTimeAsync(20_000);
	expect(await reader.read()).toMatchObject({ done: true });
	expect(subscribers()).toBe(0);
});

test('a stream that cannot ask whether it may go on ends, says so once, and takes nothing else with it', async () => {
	vi.useFakeTimers();
	const fails = (): Promise<boolean> => Promise.reject(new Error('the database is away'));
	const { reader, read, lines, subscribers } = open(new AbortController().signal, { stillAllowed: fails });
	const other = open(new AbortController().signal);
	await Promise.all([read(), other.read()]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(await reader.read()).toMatchObject({ done: true });
	expect(subscribers()).toBe(0);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toContain('the database is away');
	expect(other.subscribers()).toBe(1);
});

test('a reader that does not read is cut off, wherever what it should read has piled up', async () => {
	let unsent = 0;
	const slow = open(new AbortController().signal, { unsent: () => unsent });
	await slow.read();
	slow.live.publish({ userId: 'ada' }, gone);
	await slow.read();
	unsent = 2_000_000;
	slow.live.publish({ userId: 'ada' }, gone);
	expect(await slow.reader.read()).toMatchObject({ done: true });
	expect(slow.subscribers()).toBe(0);
	const still = open(new AbortController().signal);
	const long: LiveEvent = { type: 'hello', version: 'x'.repeat(300_000) };
	for (let n = 0; n < 10; n++) still.live.publish({ userId: 'ada' }, long);
	expect(still.subscribers()).toBe(0);
});
