import { describe, expect, it } from 'vitest';
import type { MessagePart, MessageView } from '#shared/chat.ts';
import { type ChatEvent, type ChatState, initialChat, isUnsent, reduceChat } from './chatState.ts';

const at = (second: number) => `2026-01-01T10:00:${String(second).padStart(2, '0')}.000Z`;
const text = (id: string, words: string): MessagePart => ({ type: 'text', id, text: words });
const tool = (state: 'pending' | 'running' | 'completed', output = ''): MessagePart => ({
	type: 'tool',
	id: 'p-tool',
	tool: 'write',
	title: 'index.astro',
	input: '',
	state,
	output,
});

function message(id: string, fields: Partial<MessageView> = {}): MessageView {
	return {
		id,
		role: 'assistant',
		parts: [],
		providerId: 'anthropic',
		modelId: 'm',
		createdAt: at(1),
		completedAt: null,
		jobId: null,
		...fields,
	};
}

const said = (id: string, words: string, second = 1) =>
	message(id, { role: 'user', parts: [text(`${id}-t`, words)], createdAt: at(second) });
const changed = (view: MessageView): ChatEvent => ({ type: 'message.changed', projectId: 'p', message: view });
const part = (messageId: string, value: MessagePart): ChatEvent => ({
	type: 'message.part',
	projectId: 'p',
	messageId,
	part: value,
});
const delta = (messageId: string, partId: string, words: string): ChatEvent => ({
	type: 'message.delta',
	projectId: 'p',
	messageId,
	partId,
	text: words,
});
const play = (events: ChatEvent[], start: ChatState = initialChat([])) => events.reduce(reduceChat, start);
const ids = (state: ChatState) => state.messages.map((shown) => shown.id);
const words = (state: ChatState, id: string) =>
	state.messages
		.find((shown) => shown.id === id)
		?.parts.map((shown) => (shown.type === 'tool' ? `[${shown.state}]` : shown.text))
		.join('|');

describe('streamed text', () => {
	it('appends deltas to the part that is shown', () => {
		const state = play([changed(message('a')), part('a', text('t', 'Hel')), delta('a', 't', 'lo')]);
		expect(words(state, 'a')).toBe('Hello');
	});

	it('keeps deltas that come before their part, whatever the part already holds', () => {
		const early = [changed(message('a')), delta('a', 't', 'Hel'), delta('a', 't', 'lo')];
		for (const snapshot of ['', 'Hel', 'Hello']) {
			expect(words(play([...early, part('a', text('t', snapshot))]), 'a')).toBe('Hello');
		}
		expect(words(play([changed(message('a')), delta('a', 't', 'lo'), part('a', text('t', 'Hel'))]), 'a')).toBe('Hello');
	});

	it('keeps deltas that come before their message', () => {
		const state = play([delta('a', 't', 'Hi'), changed(message('a', { parts: [text('t', '')] }))]);
		expect(words(state, 'a')).toBe('Hi');
		expect(state.early).toEqual({});
	});

	it('shows a part that comes before its message, and puts it in place when the message comes', () => {
		const before = play([part('b', text('t', 'Hi'))], initialChat([said('u', 'one', 5)]));
		expect(ids(before)).toEqual(['u', 'b']);
		const state = play([changed(message('b', { createdAt: at(3) }))], before);
		expect(ids(state)).toEqual(['b', 'u']);
		expect(words(state, 'b')).toBe('Hi');
	});

	it('does not let an older snapshot shorten what is shown', () => {
		const start = play([changed(message('a')), part('a', text('t', '')), delta('a', 't', 'Hello')]);
		expect(words(play([part('a', text('t', 'He'))], start), 'a')).toBe('Hello');
		expect(words(play([changed(message('a'))], start), 'a')).toBe('Hello');
	});

	it('lets the finished message have the last word', () => {
		const done = message('a', { parts: [text('t', 'Hello')], completedAt: at(9) });
		const state = play([
			changed(message('a')),
			part('a', text('t', 'Hel')),
			delta('a', 't', 'lo'),
			delta('a', 't', 'lo'),
			changed(done),
			changed(message('a')),
			delta('a', 't', 'lo'),
		]);
		expect(state.messages).toEqual([done]);
	});
});

describe('tools', () => {
	it('do not go back to an earlier state', () => {
		const state = play([
			changed(message('a')),
			part('a', tool('completed', 'ok')),
			part('a', tool('running')),
			part('a', tool('completed', 'ok')),
		]);
		expect(state.messages[0]?.parts).toEqual([tool('completed', 'ok')]);
	});
});

describe('repeated events', () => {
	it('change nothing the second time', () => {
		const events = [changed(said('u', 'hi')), changed(message('a', { createdAt: at(2) })), part('a', text('t', 'x'))];
		expect(play([...events, ...events])).toEqual(play(events));
	});
});

describe('a message that is being sent', () => {
	const sending: ChatEvent = { type: 'chat.sending', localId: 'local', text: 'Make it blue', at: at(4) };

	it('is shown at once, last', () => {
		const state = play([sending], initialChat([message('a', { createdAt: at(8) })]));
		expect(ids(state)).toEqual(['a', 'local']);
		expect(isUnsent(state, 'local')).toBe(true);
	});

	it('is shown once, whether the reply or the live event comes first', () => {
		const reply: ChatEvent = { type: 'chat.sent', localId: 'local', messageId: 'm' };
		const live = changed(said('m', 'Make it blue', 5));
		for (const order of [
			[reply, live],
			[live, reply],
		]) {
			const state = play([sending, ...order]);
			expect(ids(state)).toEqual(['m']);
			expect(words(state, 'm')).toBe('Make it blue');
			expect(state.messages[0]?.sending).toBeUndefined();
		}
	});

	it('survives a reload that does not hold it yet, and is replaced by one that does', () => {
		const before = said('old', 'Make it blue', 1);
		const start = play([sending], initialChat([before]));
		expect(ids(play([{ type: 'chat.loaded', messages: [before] }], start))).toEqual(['old', 'local']);
		const both = [before, said('m', 'Make it blue', 5)];
		expect(ids(play([{ type: 'chat.loaded', messages: both }], start))).toEqual(['old', 'm']);
	});

	it('leaves when it could not be sent', () => {
		const state = play([sending, { type: 'chat.sendFailed', localId: 'local' }]);
		expect(state.messages).toEqual([]);
		expect(isUnsent(state, 'local')).toBe(false);
	});
});

describe('a reload', () => {
	it('keeps text that is newer than its snapshot, and messages that came after it', () => {
		const start = play([
			changed(message('a', { parts: [text('t', 'Hello wor')] })),
			changed(message('late', { createdAt: at(7) })),
		]);
		const state = play([{ type: 'chat.loaded', messages: [message('a', { parts: [text('t', 'Hello')] })] }], start);
		expect(ids(state)).toEqual(['a', 'late']);
		expect(words(state, 'a')).toBe('Hello wor');
	});

	it('drops what the server no longer has', () => {
		const start = initialChat([said('gone', 'x', 1), said('u', 'y', 2)]);
		expect(ids(play([{ type: 'chat.loaded', messages: [said('u', 'y', 2)] }], start))).toEqual(['u']);
	});
});
