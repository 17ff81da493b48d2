import { expect, test } from 'vitest';
import type { TranscriptEntry } from '../opencode/client.ts';
import { partIdOf } from '../opencode/ids.ts';
import { answersTo } from './answer.ts';

const user = (id: string, partId = partIdOf(id)): TranscriptEntry => ({
	message: { role: 'user', id, sessionId: 's', providerId: 'p', modelId: 'm', createdAt: 0 },
	parts: [{ type: 'text', id: partId, sessionId: 's', messageId: id, text: 'Hi', synthetic: false }],
});
const assistant = (id: string, parentId: string): TranscriptEntry => ({
	message: {
		role: 'assistant',
		id,
		sessionId: 's',
		parentId,
		providerId: 'p',
		modelId: 'm',
		cost: 0,
		tokens: { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } },
		finish: 'stop',
		error: null,
		createdAt: 0,
		completedAt: 1,
	},
	parts: [],
});

test('what follows a summary that OpenCode made itself belongs to our message', () => {
	// OpenCode puts a message of its own between: its part has no id of ours.
	const entries = [
		user('msg_1'),
		assistant('msg_2', 'msg_1'),
		user('msg_3', 'prt_other'),
		assistant('msg_4', 'msg_3'),
		user('msg_5'),
		assistant('msg_6', 'msg_5'),
	];
	expect(answersTo('msg_1', entries).map(({ message }) => message.id)).toEqual(['msg_2', 'msg_4']);
	expect(answersTo('msg_5', entries).map(({ message }) => message.id)).toEqual(['msg_6']);
	expect(answersTo('msg_9', entries)).toEqual([]);
});
