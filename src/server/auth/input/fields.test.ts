import { expect, test } from 'vitest';
import type { AuthPrompt } from '#shared/providers.ts';
import { ANTHROPIC } from '../testing/fixture.ts';
import type { DirectoryProvider } from './directory.ts';
import { fillUnasked, placesOfFields, promptsOf, readFields } from './fields.ts';

const text = (key: string, message: string, placeholder = ''): AuthPrompt => ({
	type: 'text',
	key,
	message,
	placeholder,
});
const asking = (id: string, name: string, ...prompts: AuthPrompt[]): DirectoryProvider => ({
	...ANTHROPIC,
	id,
	name,
	authMethods: [{ type: 'api', prompts }],
});

const AZURE = asking('azure', 'Azure', text('resourceName', 'Enter Azure Resource Name', 'e.g. my-models'));
const GITLAB = asking('gitlab', 'GitLab Duo', text('instanceUrl', 'GitLab instance URL', 'https://gitlab.com'));
const CHOOSING = asking(
	'choosing',
	'Choosing',
	{
		type: 'select',
		key: 'kind',
		message: 'Which kind?',
		options: ['own', 'public'].map((value) => ({ label: value, value })),
	},
	{ ...text('host', 'Which host?', 'a.example'), when: { key: 'kind', op: 'eq', value: 'own' } },
	text('role', 'Role (optional)'),
);
const DATABRICKS = { ...asking('databricks', 'Databricks'), api: `https://$\{DATABRICKS_HOST}/ai/v1` };
const NEON = { ...asking('neon', 'Neon'), api: `$\{NEON_AI_GATEWAY_BASE_URL}/v1` };
const BEDROCK = {
	...asking('amazon-bedrock', 'Amazon Bedrock'),
	models: [{ id: 'm', name: 'M', provider: { api: `https://bedrock-mantle.$\{AWS_REGION}.api.aws/v1` } }],
};

const PUBLIC = { allowPrivate: false, ownAddress: false };
const PRIVATE = { allowPrivate: true, ownAddress: false };

test.each<[string, DirectoryProvider, Record<string, string>, Record<string, string>]>([
	['a name, trimmed', AZURE, { resourceName: ' my-models ' }, { resourceName: 'my-models' }],
	['the public instance by default', GITLAB, {}, { instanceUrl: 'https://gitlab.com' }],
	[
		'an address as its origin',
		GITLAB,
		{ instanceUrl: 'https://GitLab.Example/' },
		{ instanceUrl: 'https://gitlab.example' },
	],
	['a choice that needs no more', CHOOSING, { kind: 'public' }, { kind: 'public' }],
	[
		'a choice that needs a host',
		CHOOSING,
		{ kind: 'own', host: 'https://llm.example/' },
		{ kind: 'own', host: 'llm.example' },
	],
	['a host that only doce asks for', DATABRICKS, { host: 'dbc-1.example' }, { host: 'dbc-1.example' }],
	[
		'an address that only doce asks for',
		NEON,
		{ NEON_AI_GATEWAY_BASE_URL: 'https://n.example/a/' },
		{ NEON_AI_GATEWAY_BASE_URL: 'https://n.example/a' },
	],
	['a region by default', BEDROCK, {}, { region: 'us-east-1' }],
	['nothing for a provider without questions', ANTHROPIC, { empty: ' ' }, {}],
])('%s is taken', (_what, provider, given, read) => {
	expect(readFields(provider, given, PUBLIC)).toEqual(read);
});

test.each<[string, DirectoryProvider, Record<string, string>, string]>([
	['a missing name', AZURE, {}, 'Enter Azure Resource Name: Azure needs this too.'],
	[
		'an address in place of a name',
		AZURE,
		{ resourceName: 'https://x.openai.azure.com' },
		'Enter Azure Resource Name: only the name, such as my-models',
	],
	[
		'a path in place of a name',
		AZURE,
		{ resourceName: 'evil.example/#' },
		'letters, digits, dots, dashes and underscores only',
	],
	[
		'an unknown field',
		AZURE,
		{ resourceName: 'a', region: 'b' },
		'Azure has no field "region". It takes resourceName.',
	],
	['a field for a provider without any', ANTHROPIC, { region: 'b' }, 'It takes a key alone.'],
	['a value that is no choice', CHOOSING, { kind: 'other' }, 'Which kind?: choose one of own, public.'],
	['a missing conditional answer', CHOOSING, { kind: 'own' }, 'Which host?: Choosing needs this too.'],
	['an answer to what is not asked', CHOOSING, { kind: 'public', host: 'a.example' }, 'Choosing has no field "host"'],
	['a path in a host', DATABRICKS, { host: 'a.example/b' }, 'only the host, such as dbc-1234.cloud.databricks.com'],
	['plain http to a public instance', GITLAB, { instanceUrl: 'http://gitlab.example' }, 'Use https'],
	['an instance below a path', GITLAB, { instanceUrl: 'https://example.com/gitlab' }, 'leave out the path'],
	[
		'a password in an address',
		GITLAB,
		{ instanceUrl: 'https://u:p@gitlab.example' },
		'GitLab instance URL: Leave user name',
	],
])('%s is refused beside its question', (_what, provider, given, words) => {
	expect(() => readFields(provider, given, PUBLIC)).toThrow(words);
});

test.each([
	'127.0.0.1',
	'2130706433',
	'0x7f.1',
	'[::1]',
	'[::ffff:127.0.0.1]',
	'10.0.0.1',
	'192.168.1.10',
	'localhost',
	'[fd12:3456::1]',
])('an instance at %s needs the word of an admin', (host) => {
	expect(() => readFields(GITLAB, { instanceUrl: `https://${host}` }, PUBLIC)).toThrow('private address');
	expect(() => readFields(DATABRICKS, { host }, PUBLIC)).toThrow('private address');
	expect(readFields(GITLAB, { instanceUrl: `http://${host}:8080` }, PRIVATE)['instanceUrl']).toContain(':8080');
});

test.each(['169.254.169.254', '[::ffff:a9fe:a9fe]', '0.0.0.0', 'metadata.google.internal', '[fd00:ec2::254]'])(
	'an instance at %s is refused, whatever an admin says',
	(host) => {
		expect(() => readFields(GITLAB, { instanceUrl: `https://${host}` }, PRIVATE)).toThrow('never calls');
		expect(() => readFields(DATABRICKS, { host }, PRIVATE)).toThrow('never calls');
		expect(() => readFields(NEON, { NEON_AI_GATEWAY_BASE_URL: `https://${host}/v1` }, PRIVATE)).toThrow('never calls');
	},
);

test('with an address of its own a provider needs no field, and takes what is given', () => {
	expect(readFields(AZURE, {}, { allowPrivate: false, ownAddress: true })).toEqual({});
	expect(readFields(GITLAB, {}, { allowPrivate: false, ownAddress: true })).toEqual({});
});

test('what OpenCode does not ask is asked by doce, with words, and filled by doce alone', () => {
	expect(promptsOf(DATABRICKS)).toEqual([
		{ type: 'text', key: 'host', message: 'Workspace host', placeholder: 'dbc-1234.cloud.databricks.com' },
	]);
	expect(promptsOf(BEDROCK)).toMatchObject([{ key: 'region', optional: true }]);
	expect(promptsOf({ ...AZURE, api: `https://$\{NEW_THING}.example` })).toMatchObject([
		{ key: 'resourceName' },
		{ key: 'NEW_THING', message: 'New thing' },
	]);
	expect(promptsOf(CHOOSING).map(({ optional = false }) => optional)).toEqual([false, false, true]);
	expect(fillUnasked(DATABRICKS, DATABRICKS.api, { host: 'a.example' })).toBe('https://a.example/ai/v1');
	const both = `https://$\{AZURE_RESOURCE_NAME}.example/$\{NEW_THING}`;
	expect(fillUnasked({ ...AZURE, api: both }, both, { resourceName: 'r', NEW_THING: 'n' })).toBe(
		`https://$\{AZURE_RESOURCE_NAME}.example/n`,
	);
	expect(fillUnasked(NEON, NEON.api, { NEON_AI_GATEWAY_BASE_URL: 'https://n.example' })).toBe('https://n.example/v1');
	expect(fillUnasked(DATABRICKS, DATABRICKS.api, { host: 'evil.example/x?' })).toBe(DATABRICKS.api);
});

test('an account within one host is no place for a key, a host is', () => {
	expect(placesOfFields({ accountId: 'a', gatewayId: 'b', resourceName: 'c' })).toEqual(['resourceName=c']);
});
