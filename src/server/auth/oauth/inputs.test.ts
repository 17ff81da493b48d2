import { describe, expect, test } from 'vitest';
import type { AuthPrompt } from '#shared/providers.ts';
import { readInputs } from './inputs.ts';

const COPILOT: AuthPrompt[] = [
	{
		type: 'select',
		key: 'deploymentType',
		message: 'Select GitHub deployment type',
		options: [
			{ label: 'GitHub.com', value: 'github.com' },
			{ label: 'GitHub Enterprise', value: 'enterprise' },
		],
	},
	{
		type: 'text',
		key: 'enterpriseUrl',
		message: 'Enter your GitHub Enterprise URL or domain',
		when: { key: 'deploymentType', op: 'eq', value: 'enterprise' },
	},
];
const GITLAB: AuthPrompt[] = [{ type: 'text', key: 'instanceUrl', message: 'GitLab instance URL' }];
const SNOWFLAKE: AuthPrompt[] = [
	{ type: 'text', key: 'account', message: 'Snowflake Account Identifier' },
	{ type: 'text', key: 'role', message: 'Snowflake Role (optional)' },
];
const enterprise = (enterpriseUrl: string) => readInputs(COPILOT, { deploymentType: 'enterprise', enterpriseUrl });

test('an answer to a question that is not asked is left out', () => {
	expect(readInputs(COPILOT, { deploymentType: 'github.com', enterpriseUrl: 'company.ghe.com' })).toEqual({
		deploymentType: 'github.com',
	});
});

test('an address of one’s own becomes its origin', () => {
	const expected = { deploymentType: 'enterprise', enterpriseUrl: 'https://company.ghe.com' };
	expect(enterprise(' company.ghe.com ')).toEqual(expected);
	expect(enterprise('https://Company.ghe.com/login?x=1')).toEqual(expected);
	expect(readInputs(GITLAB, { instanceUrl: 'gitlab.example.com:8443' })).toEqual({
		instanceUrl: 'https://gitlab.example.com:8443',
	});
	expect(readInputs(GITLAB, {})).toEqual({});
});

describe('an address is refused that', () => {
	test.each([
		['is the loopback', '127.0.0.1'],
		['is the loopback in decimal', '2130706433'],
		['is localhost', 'localhost:8080'],
		['is private', '10.0.0.7'],
		['is cloud metadata', '169.254.169.254'],
		['names cloud metadata', 'metadata.google.internal'],
		['is plain http', 'http://gitlab.example.com'],
		['has a user', 'https://me:pw@gitlab.example.com'],
		['is a file', 'file:///etc/passwd'],
		// One plugin puts its host into a shell command.
		['holds a command', 'https://a.example"$(id)"'],
		['holds a command in backticks', 'https://a`id`.example'],
		['holds a semicolon', 'https://a;id;.example'],
		['holds a variable', 'https://a$IFS.example'],
		['is no address', '???'],
	])('%s', (_, value) => {
		expect(() => readInputs(GITLAB, { instanceUrl: value })).toThrow();
		expect(() => enterprise(value)).toThrow();
	});
});

test('an account name stays a name', () => {
	expect(readInputs(SNOWFLAKE, { account: 'https://myorg-acct.snowflakecomputing.com/', role: 'DATA TEAM' })).toEqual({
		account: 'myorg-acct',
		role: 'DATA TEAM',
	});
	for (const account of ['evil.example/', 'a?b', 'a#b', 'a@b', '-x', 'a b', 'a"$(id)'])
		expect(() => readInputs(SNOWFLAKE, { account })).toThrow('characters that no account name has');
});

test('choices are from the list, texts are one short line, and there are no other questions', () => {
	expect(() => readInputs(COPILOT, {})).toThrow('Choose an answer to “Select GitHub deployment type”');
	expect(() => readInputs(COPILOT, { deploymentType: 'other' })).toThrow('Choose an answer');
	expect(() => readInputs(SNOWFLAKE, { role: 'a\nb' })).toThrow('one line');
	expect(() => readInputs(SNOWFLAKE, { role: 'x'.repeat(201) })).toThrow('one line');
	expect(() => readInputs(SNOWFLAKE, { other: 'x' })).toThrow('no such question');
});
