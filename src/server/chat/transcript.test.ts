import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveEvent } from '#shared/live.ts';
import { createScrubber } from '../auth/leakguard/scrubber.ts';
import { type OneProject, openOneProject } from '../boot/testing/oneProject.ts';
import { createLive } from '../live/live.ts';
import type { OpenCodeMessage, OpenCodePart } from '../opencode/message.ts';
import { listMessages } from './messages.ts';
import { createTranscript, type Transcript } from './transcript.ts';

const KEY = 'sk-chat-7QzX9xW2mB4vLr8tYp1s';
const ids = { sessionId: 's', messageId: 'm1' };
let one: OneProject;
let transcript: Transcript;
let events: LiveEvent[];

beforeEach(async () => {
	one = await openOneProject();
	const project = await one.project();
	const live = createLive();
	events = [];
	live.subscribe({ userId: project.user_id, projectId: project.id }, (event) => events.push(event));
	const scrubber = createScrubber([KEY], Buffer.alloc(32, 5));
	const guard = { scrubberFor: async () => scrubber };
	const failureContext = async () => ({ providerName: 'Mine', secrets: [], scrub: scrubber.scrub, signedIn: false });
	transcript = createTranscript({ db: one.db, live, guard, failureContext }, project, 's');
});

afterEach(() => one.close());

const message = (more: object = {}) =>
	({
		role: 'assistant',
		id: 'm1',
		sessionId: 's',
		parentId: 'p',
		providerId: 'mine',
		modelId: 'm',
		cost: 0,
		tokens: { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } },
		finish: null,
		error: null,
		createdAt: 1,
		completedAt: null,
		...more,
	}) as OpenCodeMessage;
const text = (words: string, ended: boolean, type: 'text' | 'reasoning' = 'text'): OpenCodePart => ({
	...ids,
	type,
	id: 't1',
	text: words,
	synthetic: false,
	ended,
});
const update = (part: OpenCodePart) => transcript.apply({ type: 'message.part.updated', part });
const delta = (piece: string) =>
	transcript.apply({ type: 'message.part.delta', ...ids, partId: 't1', text: piece } as never);
/** What a browser has put together from the deltas, and what is stored. */
const shown = () => events.flatMap((event) => (event.type === 'message.delta' ? event.text : [])).join('');
const stored = async () => (await listMessages(one.db, one.projectId)).map(({ parts }) => parts);

test.each([1, 3, 8, 100])('a key that streams by in pieces of %d is neither shown nor stored', async (size) => {
	await transcript.apply({ type: 'message.updated', message: message() });
	await update(text('', false));
	const words = `The key is ${KEY}, and that was it. The rest is told as it comes.`;
	for (let at = 0; at < words.length; at += size) await delta(words.slice(at, at + size));
	expect(shown()).toMatch(/^The key is \S*\[key\], and that was it/);
	await update(text(words, true));
	await transcript.apply({ type: 'message.updated', message: message({ completedAt: 2, finish: 'stop' }) });
	expect(await stored()).toEqual([
		[{ type: 'text', id: 't1', text: expect.stringMatching(/\[key\].*as it comes\.$/) }],
	]);
	expect(JSON.stringify([events, await stored()])).not.toContain(KEY.slice(-9));
});

test('what was held back is shown when the message ends, whether its part was told to end or not', async () => {
	await transcript.apply({ type: 'message.updated', message: message() });
	await update(text('', false, 'reasoning'));
	await delta('Short');
	expect(shown()).toBe('');
	await transcript.apply({ type: 'message.updated', message: message({ completedAt: 2 }) });
	expect(await stored()).toEqual([[{ type: 'reasoning', id: 't1', text: 'Short' }]]);
	expect(events.at(-1)).toMatchObject({ type: 'message.changed', message: { parts: [{ text: 'Short' }] } });
});

test('a session that is read in the middle of a stream goes on without a gap or a leak', async () => {
	await transcript.load([{ message: message(), parts: [text(`It is ${KEY.slice(0, 14)}`, false)] }]);
	await delta(KEY.slice(14));
	await delta(' and no more.');
	await transcript.apply({ type: 'message.updated', message: message({ completedAt: 2 }) });
	expect(await stored()).toEqual([
		[{ type: 'text', id: 't1', text: expect.stringMatching(/^It is \S*\[key\] and no more\.$/) }],
	]);
});

test('a tool’s title, arguments and result are without the key, also where they are cut short', async () => {
	const part = (output: string): OpenCodePart => ({
		...ids,
		type: 'tool',
		id: 'c1',
		tool: 'bash',
		state: 'completed',
		title: `echo ${KEY}`,
		input: { command: `echo "${KEY}"` },
		output,
	});
	await transcript.apply({ type: 'message.updated', message: message() });
	await update(part(`${'x'.repeat(3_990)}${KEY}`));
	const [[view] = []] = await stored();
	expect(view).toMatchObject({ title: expect.stringContaining('[key]'), input: expect.stringContaining('[key]') });
	const told = JSON.stringify([events, view]);
	for (let at = 8; at + 8 <= KEY.length; at++) expect(told).not.toContain(KEY.slice(at, at + 8));
	await transcript.load([{ message: message({ completedAt: 2 }), parts: [part(KEY)] }]);
	expect(JSON.stringify(await stored())).not.toContain(KEY.slice(-8));
});

test('a failure that repeats the key is told without it', async () => {
	await transcript.apply({ type: 'message.updated', message: message() });
	await update(text('So far', true));
	const error = { name: 'APIError', message: `bad request with ${KEY}`, statusCode: 400 };
	await transcript.apply({ type: 'message.updated', message: message({ error, completedAt: 2 }) });
	const [row] = await listMessages(one.db, one.projectId);
	expect(row?.error?.message).toMatch(/bad request/);
	expect(row?.error?.message).not.toContain(KEY.slice(-8));
});
