import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChatCompletionRequest } from './conversation.ts';
import { DEMO_PROVIDER, demoResponse } from './demo.ts';
import { answerDemo, type DemoTurn } from './script.ts';
import { parseSite } from './site.ts';

const PLACEHOLDER = readFileSync(join(import.meta.dirname, '../../../templates/starter/src/pages/index.astro'), 'utf8');
const PROMPT = 'A site for a bakery in Lisbon called Migalha, with testimonials';

describe('a first prompt', () => {
	test('becomes a site whose page is written after its parts', () => {
		const agent = newAgent();
		const { text, written } = agent.ask(PROMPT);
		expect(agent.site()).toMatchObject({ name: 'Migalha', kind: 'bakery', place: 'Lisbon' });
		expect(written[0]).toBe('src/site.json');
		expect(written.at(-1)).toBe('src/pages/index.astro');
		const imported = [...(agent.files.get('src/pages/index.astro') ?? '').matchAll(/components\/(\w+)\.astro/g)];
		expect(imported.length).toBeGreaterThan(6);
		expect(imported.filter(([, name]) => !agent.files.has(`src/components/${name}.astro`))).toEqual([]);
		expect(agent.files.has('src/components/Sketch.astro')).toBe(false);
		expect(text).toMatch(/^Scripted demo: \*\*Migalha\*\* is up/);
	});

	test('gives the same site each time, whoever asks', () => {
		const [one, other] = [newAgent(), newAgent()];
		one.ask(PROMPT);
		other.ask(PROMPT);
		expect([...one.files]).toEqual([...other.files]);
	});

	test('that is only a greeting changes nothing and says what the script can do', () => {
		const agent = newAgent();
		const { text, written } = agent.ask('hello!');
		expect(written).toEqual([]);
		expect(text).toMatch(/^Scripted demo\. I follow a script, there is no AI behind me/);
	});

	test('leaves a page alone that somebody else has written', () => {
		const agent = newAgent();
		agent.files.set('src/pages/index.astro', '<h1>My own page</h1>\n');
		expect(agent.ask(PROMPT)).toMatchObject({ written: [], text: expect.stringContaining('not written by me') });
		agent.ask(`start over: ${PROMPT}`);
		expect(agent.site()?.name).toBe('Migalha');
	});
});

describe('a later prompt', () => {
	test('writes only the files that it changes', () => {
		const agent = newAgent();
		agent.ask(PROMPT);
		expect(agent.ask('make it dark').written).toEqual(['src/site.json', 'public/favicon.svg', 'src/styles/global.css']);
		const headline = agent.ask('Change the headline to “It’s {bread} & butter: 100%”');
		expect(headline.written).toEqual(['src/site.json']);
		expect(headline.text).toBe('Scripted demo: The headline is now “It’s {bread} & butter: 100%”.');
		expect(agent.ask('add a FAQ').written).toEqual([
			'src/site.json',
			'src/components/Faq.astro',
			'src/pages/index.astro',
		]);
		expect(agent.site()).toMatchObject({ look: { mode: 'dark' }, hero: { headline: 'It’s {bread} & butter: 100%' } });
	});

	test('takes away what nothing uses any more', () => {
		const agent = newAgent();
		agent.ask(PROMPT);
		agent.ask('add an about page');
		expect(agent.files.has('src/pages/about.astro')).toBe(true);
		agent.ask('remove the about page and the testimonials');
		expect(agent.files.has('src/pages/about.astro')).toBe(false);
		agent.ask('remove the testimonials');
		expect(agent.files.has('src/components/Testimonials.astro')).toBe(false);
	});

	test('works in a new conversation, since the site is read from its file', () => {
		const agent = newAgent();
		agent.ask(PROMPT);
		agent.forget();
		agent.ask('call it Crust');
		expect(agent.site()?.name).toBe('Crust');
	});

	test('that the script does not know changes nothing, and it says so', () => {
		const agent = newAgent();
		agent.ask(PROMPT);
		const { text, written } = agent.ask('connect my calendar to it');
		expect(written).toEqual([]);
		expect(text).toMatch(/^Scripted demo: I did not understand that, and changed nothing/);
	});

	test('may start over', () => {
		const agent = newAgent();
		agent.ask(PROMPT);
		agent.ask('Start over: a climbing gym called Grip House');
		expect(agent.site()).toMatchObject({ name: 'Grip House', kind: 'gym' });
		expect(agent.files.has('src/components/Menu.astro')).toBe(false);
		agent.ask('start over');
		expect(agent.site()).toMatchObject({ name: 'Grip House', kind: 'gym' });
	});

	test('finishes a site whose first turn was stopped', () => {
		const agent = newAgent();
		agent.ask(PROMPT, 4);
		expect(agent.files.get('src/pages/index.astro')).toBe(PLACEHOLDER);
		agent.ask('continue');
		expect(agent.files.get('src/pages/index.astro')).toContain('site.json');
		expect(agent.files.has('src/components/Hero.astro')).toBe(true);
	});
});

test('a write that fails is tried once more, and then told', () => {
	const agent = newAgent((path) => path === 'src/styles/global.css');
	const { text, written } = agent.ask(PROMPT);
	expect(written.filter((path) => path === 'src/styles/global.css')).toHaveLength(2);
	expect(text).toBe('Scripted demo: I could not write src/styles/global.css. The tool said: “No space left.”');
});

test('without tools it gives a short title', () => {
	const messages = [
		{ role: 'system', content: 'You are a title generator.' },
		{ role: 'user', content: PROMPT },
	];
	expect(answerDemo({ model: 'demo-site', messages })).toEqual({ text: 'Demo: Migalha', calls: [] });
});

describe('the endpoint', () => {
	test('lists its one model', async () => {
		const answer = await demoResponse(new Request('http://doce/api/demo/v1/models'));
		expect(await answer.json()).toMatchObject({ data: [{ id: DEMO_PROVIDER.modelId }] });
	});

	test('streams words, then calls, then the usage', async () => {
		const answer = await demoResponse(post(requestOf([{ role: 'user', content: PROMPT }], true)), { pauseMs: 0 });
		expect(answer.headers.get('content-type')).toContain('text/event-stream');
		const events = (await answer.text())
			.split('\n\n')
			.filter(Boolean)
			.map((event) => event.replace('data: ', ''));
		expect(events.pop()).toBe('[DONE]');
		const chunks = events.map((event) => JSON.parse(event));
		const deltas = chunks.map(({ choices }) => choices[0].delta);
		expect(deltas.map(({ content }) => content ?? '').join('')).toMatch(/^Scripted demo/);
		const call = deltas.find(({ tool_calls }) => tool_calls).tool_calls[0];
		expect(call).toMatchObject({ index: 0, function: { name: 'read', arguments: '{"filePath":"src"}' } });
		const last = chunks.at(-1);
		expect(last.choices[0].finish_reason).toBe('tool_calls');
		expect(last.usage.total_tokens).toBe(last.usage.prompt_tokens + last.usage.completion_tokens);
	});

	test('answers at once when no stream is wanted', async () => {
		const answer = await demoResponse(post(requestOf([{ role: 'user', content: 'hi' }], false)));
		expect(await answer.json()).toMatchObject({ choices: [{ message: { role: 'assistant' }, finish_reason: 'stop' }] });
	});

	test.each([
		['not json', 400],
		['{}', 400],
		['null', 400],
		[JSON.stringify({ model: 'demo-site', messages: [] }), 400],
		[JSON.stringify({ model: 'gpt-9', messages: [{ role: 'user', content: 'hi' }] }), 404],
	])('refuses %s', async (body, status) => {
		const answer = await demoResponse(post(body));
		expect(answer.status).toBe(status);
		expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } });
	});

	test('has no other doors', async () => {
		expect((await demoResponse(new Request('http://doce/api/demo/v1/embeddings', { method: 'POST' }))).status).toBe(
			404,
		);
		expect((await demoResponse(new Request('http://doce/api/demo/v1/chat/completions'))).status).toBe(404);
	});
});

type Message = ChatCompletionRequest['messages'][number];

/** Does what OpenCode does with the script's answers, on files in memory, with answers worded as its tools word them. */
function newAgent(isFull: (path: string) => boolean = () => false) {
	const files = new Map([
		['src/pages/index.astro', PLACEHOLDER],
		['src/components/Sketch.astro', '<svg></svg>'],
	]);
	let messages: Message[] = [{ role: 'system', content: 'You are opencode.' }];

	function run({ name, args }: DemoTurn['calls'][number], written: string[]): string {
		const path = args['filePath'] ?? '';
		if (name === 'bash') for (const gone of (args['command'] ?? '').split(' ').slice(2)) files.delete(gone);
		if (name === 'bash') return '(no output)';
		if (name === 'read') return path === 'src' ? listing(files) : numbered(files.get(path));
		written.push(path);
		if (isFull(path)) return 'No space left.\nTry later.';
		files.set(path, args['content'] ?? '');
		return 'Wrote file successfully.';
	}

	return {
		files,
		site: () => parseSite(files.get('src/site.json') ?? ''),
		forget: () => {
			messages = messages.slice(0, 1);
		},
		/** One prompt, until the script has nothing more to call or `limit` answers were given. */
		ask(prompt: string, limit = 20): { text: string; written: string[] } {
			const written: string[] = [];
			messages.push({ role: 'user', content: [{ type: 'text', text: prompt }] });
			for (let turns = 0; turns < limit; turns++) {
				const { text, calls } = answerDemo(JSON.parse(requestOf(messages, true)));
				const named = calls.map((call, at) => ({ call, id: `call_${messages.length}_${at}` }));
				const tool_calls = named.map(({ call, id }) => ({
					id,
					function: { name: call.name, arguments: JSON.stringify(call.args) },
				}));
				messages.push({ role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls }) });
				if (calls.length === 0) return { text, written };
				if (turns === limit - 1) break;
				for (const { call, id } of named)
					messages.push({ role: 'tool', tool_call_id: id, content: run(call, written) });
			}
			return { text: '', written };
		},
	};
}

function listing(files: Map<string, string>): string {
	const names = new Set([...files.keys()].filter((path) => path.startsWith('src/')).map((path) => path.split('/')[1]));
	const entries = [...names].map((name) => (name?.includes('.') ? name : `${name}/`));
	return `<path>/w/src</path>\n<type>directory</type>\n<entries>\n${entries.join('\n')}\n\n(${entries.length} entries)\n</entries>`;
}

function numbered(text: string | undefined): string {
	if (text === undefined) return 'File not found: /w/it';
	const lines = text.replace(/\n$/, '').split('\n');
	const content = lines.map((line, at) => `${at + 1}: ${line}`).join('\n');
	return `<path>/w/it</path>\n<type>file</type>\n<content>\n${content}\n\n(End of file - total ${lines.length} lines)\n</content>`;
}

function requestOf(messages: Message[], stream: boolean): string {
	const tools = ['bash', 'read', 'write'].map((name) => ({ type: 'function', function: { name } }));
	return JSON.stringify({ model: 'demo-site', messages, tools, stream });
}

function post(body: string): Request {
	return new Request('http://doce/api/demo/v1/chat/completions', { method: 'POST', body });
}
