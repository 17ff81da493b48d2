import { expect, test } from 'vitest';
import { findRoute, guessFormat, readTarget } from './routes.ts';

const ALL = ['chat-completions', 'responses', 'messages', 'generate-content'] as const;
const find = (method: string, target: string, formats: readonly (typeof ALL)[number][] = ALL, prefix = '') => {
	const read = readTarget(target);
	return read && findRoute(method, read, { formats, prefix });
};

test.each([
	['POST', '/01conn/chat/completions', 'chat-completions', 'generate', '/chat/completions'],
	['POST', '/01conn/responses', 'responses', 'generate', '/responses'],
	['POST', '/01conn/messages', 'messages', 'generate', '/messages'],
	['POST', '/01conn/messages?beta=true', 'messages', 'generate', '/messages'],
	['POST', '/01conn/messages/count_tokens', 'messages', 'count', '/messages/count_tokens'],
	['POST', '/01conn/embeddings', 'chat-completions', 'embed', '/embeddings'],
	['GET', '/01conn/models?limit=1000&key=dpt_x', 'chat-completions', 'list', '/models?limit=1000'],
	[
		'POST',
		'/01conn/models/gemini-2.5-pro:generateContent',
		'generate-content',
		'generate',
		'/models/gemini-2.5-pro:generateContent',
	],
	[
		'POST',
		'/01conn/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=dpt_x',
		'generate-content',
		'generate',
		'/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
	],
])('%s %s is a route', (method, target, format, kind, suffix) => {
	expect(find(method, target)).toMatchObject({ format, kind, suffix });
});

test('a place of the provider’s is told, and is no part of the route', () => {
	const target = readTarget('/01conn/at-0123456789ab/messages');
	expect(target).toMatchObject({ connectionId: '01conn', place: '/at-0123456789ab', path: '/messages' });
	expect(find('POST', '/01conn/at-0123456789ab/messages')?.suffix).toBe('/messages');
	expect(find('POST', '/01conn/at-evil.example/messages')).toBeUndefined();
});

test('a model in a path is told', () => {
	expect(find('POST', '/01conn/models/gemini-2.5-pro:generateContent')?.model).toBe('gemini-2.5-pro');
});

test.each([
	'/01conn/../chat/completions',
	'/01conn/chat/completions/../../x',
	'/01conn/./chat/completions',
	'/01conn/%2e%2e/chat/completions',
	'/01conn/chat%2fcompletions',
	'/01conn/chat%2Fcompletions',
	'/01conn/chat/completions;a=b',
	'/01conn//chat/completions',
	'//evil.example/chat/completions',
	'/01conn\\chat\\completions',
	'/01conn/chat/completions%00',
	'/01conn/chat/completions\u0000',
	'/01conn/chat/completions#x',
	'/01conn/chat/completions ',
	'/01conn/chat/completions/',
	'http://evil.example/01conn/chat/completions',
	'http://127.0.0.1/01conn/chat/completions',
	'*',
	'',
	'/',
	'/01conn',
	'/chat/completions',
	'/01CONN/chat/completions',
])('%j is read as nothing', (target) => {
	expect(find('POST', target)).toBeUndefined();
});

test.each([
	['GET', '/01conn/chat/completions'],
	['DELETE', '/01conn/models'],
	['PUT', '/01conn/responses'],
	['POST', '/01conn/models'],
	['POST', '/01conn/files'],
	['POST', '/01conn/fine_tuning/jobs'],
	['GET', '/01conn/responses'],
	['GET', '/01conn/key'],
	['GET', '/01conn/organizations'],
	['POST', '/01conn/v1/chat/completions'],
	['POST', '/01conn/models/a/b:generateContent'],
	['POST', '/01conn/models/x:deleteEverything'],
])('%s %s is no route', (method, target) => {
	expect(find(method, target)).toBeUndefined();
});

test('a route of another wire format than the connection’s is none', () => {
	expect(find('POST', '/01conn/messages', ['chat-completions'])).toBeUndefined();
	expect(find('POST', '/01conn/chat/completions', ['messages'])).toBeUndefined();
});

test('what an SDK writes in front of the path is demanded of it, and left out', () => {
	expect(find('POST', '/01conn/openai/chat/completions', ['chat-completions'], '/openai')?.suffix).toBe(
		'/chat/completions',
	);
	expect(find('POST', '/01conn/chat/completions', ['chat-completions'], '/openai')).toBeUndefined();
});

test('a refusal is put in the shape that the caller most likely reads', () => {
	expect(guessFormat('/01conn/messages')).toBe('messages');
	expect(guessFormat('/01conn/models/x:streamGenerateContent')).toBe('generate-content');
	expect(guessFormat('/anything')).toBe('chat-completions');
});
