import { expect, test } from 'vitest';
import { readPasted } from './read.ts';

const variablesOf = (text: string) =>
	readPasted(text).variables.map(({ name, value, problem }) => [name, value.reveal(), ...(problem ? [problem] : [])]);

test('the lines of a .env are read, with its comments, quotes, blanks and line ends', () => {
	const text = [
		'\uFEFF# keys',
		'ANTHROPIC_API_KEY=sk-ant-1',
		'',
		'  OPENAI_API_KEY = "sk-openai#2"   # work',
		"GROQ_API_KEY='gsk $3'",
		'XAI_API_KEY=xai-4 # personal',
		'MISTRAL_API_KEY=five#5',
		'// not a variable',
		'PORT=3000',
	];
	for (const end of ['\n', '\r\n', '\r']) {
		expect(variablesOf(text.join(end))).toEqual([
			['ANTHROPIC_API_KEY', 'sk-ant-1'],
			['OPENAI_API_KEY', 'sk-openai#2'],
			['GROQ_API_KEY', 'gsk $3'],
			['XAI_API_KEY', 'xai-4'],
			['MISTRAL_API_KEY', 'five#5'],
			['PORT', '3000'],
		]);
	}
});

test('what a shell and a compose file write is read too, several on a line included', () => {
	const text = [
		'export A_KEY=1; export B_KEY="2" && C_KEY=3',
		'export D_KEY=4 E_KEY=5 # both',
		'declare -x F_KEY="6"',
		'      - G_KEY=7',
		'      H_KEY: "8"',
	].join('\n');
	expect(variablesOf(text)).toEqual(
		['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((letter, at) => [`${letter}_KEY`, String(at + 1)]),
	);
});

test('a quoted value may go on over lines, and one that is never closed is said to be so', () => {
	expect(variablesOf('CERT="-----\nabc\n-----"\nNEXT_KEY=1')).toEqual([
		['CERT', '-----\nabc\n-----'],
		['NEXT_KEY', '1'],
	]);
	expect(variablesOf('A_KEY="open\nB_KEY=1')).toEqual([
		['A_KEY', '', 'Its quotation mark is never closed.'],
		['B_KEY', '1'],
	]);
});

test('a value that refers to something else is no value, except in single quotes', () => {
	const problem = 'Its value is taken from somewhere else ($…). Paste the key itself.';
	expect(variablesOf(`A_KEY=$OTHER\nB_KEY="\${OTHER:-x}"\nC_KEY=$(pass show key)\nD_KEY='$literal'`)).toEqual([
		['A_KEY', '$OTHER', problem],
		['B_KEY', `\${OTHER:-x}`, problem],
		['C_KEY', '$(pass show key)', problem],
		['D_KEY', '$literal'],
	]);
});

test('an auth.json is read between other lines, sign-ins without their tokens', () => {
	const store = {
		anthropic: { type: 'api', key: 'sk-ant-1' },
		azure: { type: 'api', key: 'azure-2', metadata: { resourceName: 'mine' } },
		openai: { type: 'oauth', refresh: 'SECRET-REFRESH', access: 'SECRET-ACCESS', expires: 1 },
		'https://ai.example.com/': { type: 'wellknown', key: 'TOKEN', token: 'wk-4' },
		'../etc': { type: 'api', key: 'x' },
		new: { type: 'passkey' },
	};
	const pasted = readPasted(`A_KEY=1\n${JSON.stringify(store, null, 2)}\nB_KEY=2`);
	expect(pasted.variables.map(({ name }) => name)).toEqual(['A_KEY', 'B_KEY']);
	expect(pasted.stored.map(({ source, type }) => [source, type])).toEqual([
		['anthropic', 'api'],
		['azure', 'api'],
		['openai', 'oauth'],
		['ai.example.com', 'wellknown'],
		['entry 5', 'unreadable'],
		['new', 'unreadable'],
	]);
	expect(pasted.stored[1]).toMatchObject({ metadata: { resourceName: 'mine' } });
	expect(JSON.stringify(pasted)).not.toMatch(/SECRET|sk-ant|azure-2|wk-4/);
});

test('broken JSON is one unreadable entry that repeats nothing of it', () => {
	for (const text of ['{"anthropic": {"type":"api","key":"sk-secret"', '{"anthropic": sk-secret}']) {
		const { stored, variables } = readPasted(text);
		expect(stored).toMatchObject([{ type: 'unreadable', source: 'line 1' }]);
		expect(variables).toEqual([]);
		expect(JSON.stringify(stored)).not.toContain('secret');
	}
});

test('JSON of names and values is read as variables', () => {
	expect(variablesOf('{"OPENAI_API_KEY": "sk-1", "not a name": "x"}')).toEqual([['OPENAI_API_KEY', 'sk-1']]);
});

test('a lone key is told from prose, and very long or many lines do no harm', () => {
	const { nameless, others } = readPasted('Here are my keys, take care\nsk_live_0123456789abcdef\nhttps://example.com');
	expect(nameless.map(({ line }) => line)).toEqual([2]);
	expect(others).toBe(2);
	expect(readPasted(`A_KEY="${'x'.repeat(199_000)}`).others).toBe(1);
	expect(readPasted(`A_KEY="\n${'x\n'.repeat(90_000)}`).others).toBe(90_000);
	expect(readPasted(`${'{'.repeat(100_000)}`).stored).toHaveLength(1);
});
