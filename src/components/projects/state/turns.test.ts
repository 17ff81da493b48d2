import { describe, expect, it } from 'vitest';
import type { MessageError } from '#shared/chat.ts';
import type { JobView } from '#shared/queue.ts';
import type { ShownMessage } from './chatState.ts';
import { toTurns } from './turns.ts';

const time = '2026-01-01T10:00:00.000Z';
const rejected: MessageError = { kind: 'credential', message: 'The key was rejected.' };

function message(id: string, fields: Partial<ShownMessage> = {}): ShownMessage {
	const role = id.startsWith('u') ? 'user' : 'assistant';
	return {
		id,
		role,
		parts: [],
		providerId: null,
		modelId: null,
		createdAt: time,
		completedAt: time,
		jobId: null,
		...fields,
	};
}

const job = (id: string, type = 'chat.sendPrompt'): JobView => ({
	id,
	type,
	lane: 'prompt',
	state: 'failed',
	projectId: 'p',
	projectName: 'Bakery',
	attempts: 1,
	maxAttempts: 5,
	runAt: time,
	startedAt: time,
	finishedAt: time,
	createdAt: time,
	lastError: 'The key was rejected.',
});
const outcomes = (messages: ShownMessage[]) =>
	toTurns(messages, [])
		.filter((entry) => entry.outcome !== null)
		.map((entry) => entry.message.id);

describe('a turn', () => {
	it('says a failure once, at the answer that has it', () => {
		expect(outcomes([message('u1', { error: rejected }), message('a1'), message('a2', { error: rejected })])).toEqual([
			'a2',
		]);
	});

	it('says what its message has under the last answer', () => {
		const messages = [message('u1', { error: rejected }), message('a1'), message('u2')];
		expect(outcomes(messages)).toEqual(['a1', 'u2']);
		expect(toTurns(messages, [])[1]?.outcome?.id).toBe('u1');
	});

	it('forgets the failure of an answer that another one followed', () => {
		expect(outcomes([message('u1'), message('a1', { error: rejected }), message('a2')])).toEqual(['u1']);
	});

	it('leaves an earlier failure where it was', () => {
		expect(outcomes([message('u1'), message('a1', { error: rejected }), message('u2'), message('a2')])).toEqual([
			'a1',
			'u2',
		]);
	});

	it('knows its job, and that the setup sends the first prompt', () => {
		const jobs = [job('j2'), job('j1', 'opencode.sendInitialPrompt')];
		const turns = toTurns([message('u1'), message('a1'), message('u2', { jobId: 'j2' }), message('u3')], jobs);
		expect(turns.map((entry) => entry.job?.id)).toEqual(['j1', 'j1', 'j2', undefined]);
	});

	it('may begin with an answer, or be empty', () => {
		expect(outcomes([message('a0'), message('u1')])).toEqual(['a0', 'u1']);
		expect(toTurns([], [])).toEqual([]);
	});
});
