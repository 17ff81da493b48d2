import { expect, test } from 'vitest';
import { AppError } from '#server/errors.ts';
import { readKey } from './key.ts';

test('a key is trimmed and otherwise taken as it is', () => {
	expect(readKey('  sk-ant-api03-abc_DEF.123=/+\n').reveal()).toBe('sk-ant-api03-abc_DEF.123=/+');
	expect(readKey('AIzaSyA-1234567890').reveal()).toBe('AIzaSyA-1234567890');
	expect(readKey('QUJDREVGRw==').reveal()).toBe('QUJDREVGRw==');
});

test.each([
	[undefined, 'Paste the API key'],
	['', 'Paste the API key'],
	[' \n ', 'Paste the API key'],
	['sk-one\nsk-two', 'one line'],
	['sk-one\r\nsk-two', 'one line'],
	['sk one', 'no spaces'],
	['sk-one\tx', 'no spaces'],
	['sk-\u0000one', 'characters that no key has'],
	['sk-\u200bone', 'characters that no key has'],
	['sk-ключ', 'characters that no key has'],
	['Bearer sk-one', 'without the word "Bearer"'],
	['x-api-key: sk-one', 'whole header'],
	['OPENAI_API_KEY=sk-one', 'after the "="'],
	['export OPENAI_API_KEY=sk-one', 'after the "="'],
	['"sk-one"', 'quotation marks'],
	['https://console.example.com/keys', 'an address'],
	['x'.repeat(10_001), 'too long'],
])('%j is refused with what to do', (input, words) => {
	const attempt = () => readKey(input);
	expect(attempt).toThrow(AppError);
	expect(attempt).toThrow(words);
	expect(attempt).not.toThrow('sk-one');
});
