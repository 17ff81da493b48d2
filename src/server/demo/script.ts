import { PAGE_PATH, SITE_PATH, siteFiles } from './astro/files.ts';
import {
	type ChatCompletionRequest,
	callKey,
	currentTurn,
	entriesIn,
	fileIn,
	type ToolCall,
	type Turn,
	textOf,
} from './conversation.ts';
import { composeSite } from './copy/compose.ts';
import { parseSite, type Site } from './site.ts';
import { readBrief } from './wishes/brief.ts';
import { applyChanges } from './wishes/changes.ts';

/** One answer of the script: words, and the tool calls that follow them. */
export type DemoTurn = { text: string; calls: ToolCall[] };

/** Calls that belong together: the next step waits until all of them have ended. */
type Step = { text: string; calls: ToolCall[] };
type Plan = { steps: Step[]; end: string };

const HELP = `I follow a script, there is no AI behind me. I can build a site from a sentence such as “a bakery called Crumb in Porto, with a menu”, and then:
- change the headline, the introduction, the name, the email, phone or address: “change the headline to …”
- replace words: “replace “X” with “Y””
- add or remove a section: features, menu, schedule, gallery, story, pricing, testimonials, team, posts, FAQ, hours, contact
- add an about page
- change the look: “make it dark”, “use green”, “#ff6600”, “more minimal”, “elegant”, “bold”, “cosy”, “calm”
- start over: “start over: a portfolio for …”

For anything else, connect a provider in Settings and choose its model.`;

/** The script's next answer in a conversation. Pure: the same messages always get the same answer. */
export function answerDemo(request: ChatCompletionRequest): DemoTurn {
	const tools = (request.tools ?? []).map((tool) => tool.function.name);
	if (tools.length === 0) return say(answerAside(request));
	if (!tools.includes('read') || !tools.includes('write')) {
		return say('Scripted demo: I have no tool to write files with here, so there is nothing I can do.');
	}
	const turn = currentTurn(request.messages);
	const plan = makePlan(turn);
	return 'steps' in plan ? nextTurn(plan, turn) : plan;
}

/** OpenCode also asks for titles and summaries, without tools. */
function answerAside({ messages }: ChatCompletionRequest): string {
	const [system = '', ...rest] = messages.map(textOf);
	if (!/title/i.test(system))
		return `Scripted demo: the site's words and look are kept in ${SITE_PATH}; the next request starts from there.`;
	const { name, subject, kind } = readBrief(rest.at(-1) ?? '');
	return `Demo: ${name ?? subject ?? (kind === 'general' ? 'a new site' : `a ${kind} site`)}`;
}

function makePlan(turn: Turn): Plan | DemoTurn {
	if (/^(hi|hello|hey|help|thanks?( you)?|what can you do|who are you|test)\b[^a-z]*$/i.test(turn.prompt))
		return say(`Scripted demo. ${HELP}`);
	const folder = answerTo(turn, read('src'));
	if (folder === undefined)
		return { text: 'Scripted demo, no AI at work. I look at what is here first.', calls: [read('src')] };
	const known = entriesIn(folder).includes('site.json');
	const wanted = [read(PAGE_PATH), ...(known ? [read(SITE_PATH)] : [])].filter(
		(call) => answerTo(turn, call) === undefined,
	);
	if (wanted.length > 0) return { text: '', calls: wanted };
	const page = fileIn(answerTo(turn, read(PAGE_PATH)) ?? '');
	const site = known ? parseSite(fileIn(answerTo(turn, read(SITE_PATH)) ?? '') ?? '') : undefined;
	return planFor(turn.prompt, page, site);
}

const PLACEHOLDER = /Sketch\.astro|site is being built/;
const START_OVER =
	/\b(start(ing)? (over|again|afresh|fresh)|from scratch|(new|another|different) (web ?)?(site|page) (for|about))\b[\s:,.–-]*/i;
const NEW_SITE =
	/^(please )?(build|make|create|design|i (want|need))\b[^.]*\b(web ?site|site|landing page|homepage|portfolio|blog|shop)\b[^.]*\b(for|about|called|named)\b/i;

function planFor(prompt: string, page: string | undefined, site: Site | undefined): Plan | DemoTurn {
	const unwritten = page === undefined || page.trim() === '' || PLACEHOLDER.test(page);
	const over = START_OVER.test(prompt);
	if (over || (!site && unwritten) || (site && NEW_SITE.test(prompt)))
		return buildPlan(prompt.replace(START_OVER, ' '), page, site);
	if (!site || !(unwritten || page.includes('site.json'))) {
		return say(
			`Scripted demo: this page was not written by me, and I only know how to change my own. Say “start over: …” and I replace it, or choose a connected model. ${HELP}`,
		);
	}
	return changePlan(prompt, site, unwritten);
}

/** A new site: words first, then its parts, and the page that puts them together last, so that it is never half there. */
function buildPlan(prompt: string, page: string | undefined, old: Site | undefined): Plan {
	const brief = readBrief(prompt);
	const bare = old && !brief.name && !brief.subject && brief.kind === 'general';
	const site = composeSite(bare ? { ...brief, name: old.name, kind: old.kind, place: old.place } : brief);
	const files = [...siteFiles(site)];
	const calls = (test: (path: string) => boolean) =>
		files.filter(([path]) => test(path)).map(([path, content]) => write(path, content));
	const isPart = (path: string) => path.startsWith('src/components/');
	const leftovers = unused(page, old, site);
	return {
		steps: [
			{
				text: `${opening(site, brief.name)} First its words and its look, in ${SITE_PATH}.`,
				calls: calls((path) => path === SITE_PATH),
			},
			{ text: 'Now the parts of the page.', calls: calls(isPart) },
			{
				text: 'Last, the colours and type, and the page that puts it all together.',
				calls: calls((path) => path !== SITE_PATH && !isPart(path)),
			},
			...(leftovers.length > 0 ? [{ text: '', calls: [remove(leftovers)] }] : []),
		],
		end: closing(site, brief.name),
	};
}

/** What the placeholder or the old site had and the new one has not. */
function unused(page: string | undefined, old: Site | undefined, site: Site): string[] {
	if (old) return removed(siteFiles(old), siteFiles(site));
	return page?.includes('Sketch.astro') ? ['src/components/Sketch.astro'] : [];
}

function changePlan(prompt: string, site: Site, unfinished: boolean): Plan | DemoTurn {
	const changed = applyChanges(prompt, site);
	const again = unfinished || /^(please )?(continue|go on|finish|try again|retry|repair|fix it)\b/i.test(prompt);
	const notes = changed.missed.length > 0 ? ` ${sentence(changed.missed)}` : '';
	if (changed.done.length === 0 && !again) {
		return say(
			notes
				? `Scripted demo:${notes} Nothing has changed.`
				: `Scripted demo: I did not understand that, and changed nothing. ${HELP}`,
		);
	}
	const before = siteFiles(site);
	const after = siteFiles(changed.site);
	const writes = [...after].filter(([path, content]) => again || before.get(path) !== content);
	const leftovers = removed(before, after);
	return {
		steps: [
			{
				text: `Scripted demo: I write ${writes.length === 1 ? 'one file' : `${writes.length} files`}.`,
				calls: writes.map(([path, content]) => write(path, content)),
			},
			...(leftovers.length > 0 ? [{ text: '', calls: [remove(leftovers)] }] : []),
		],
		end: `Scripted demo: ${changed.done.length > 0 ? sentence(changed.done) : 'every file of the site is written again.'}${notes}`,
	};
}

/** The first step that has calls left to make. A write that failed is tried once more; then the script says so and stops. */
function nextTurn(plan: Plan, turn: Turn): DemoTurn {
	for (const { text, calls } of plan.steps) {
		const open = calls.filter((call) => !succeeded(call, turn));
		if (open.length === 0) continue;
		const failed = open.find((call) => resultsOf(turn, call).length >= 2);
		if (failed)
			return say(
				`Scripted demo: I could not write ${failed.args['filePath']}. The tool said: “${firstLine(answerTo(turn, failed) ?? '')}”`,
			);
		return { text: open.length === calls.length ? text : 'Once more.', calls: open };
	}
	return say(plan.end);
}

function succeeded(call: ToolCall, turn: Turn): boolean {
	const answer = answerTo(turn, call);
	return answer !== undefined && (call.name !== 'write' || /success/i.test(answer));
}

function opening(site: Site, named: string | undefined): string {
	const who = named ? `for ${site.name}` : `with a made-up name, ${site.name}`;
	return `I write a ${site.kind === 'general' ? '' : `${site.kind} `}site ${who}.`;
}

function closing(site: Site, named: string | undefined): string {
	const labels = site.sections.map(({ label }) => label).join(', ');
	return `Scripted demo: **${site.name}** is up, in the palette “${site.look.accent ?? site.look.palette}”, with ${labels}${site.about ? ' and an about page' : ''}.

${named ? 'The name is yours' : `You gave no name, so I used “${site.name}” (“call it …” changes it)`}; the texts, prices, hours and contact details are placeholders for you to fill in.

Try “change the headline to …”, “make it dark”, “use green” or “add a FAQ”. I follow a script; for real work, connect a provider in Settings.`;
}

function sentence(parts: string[]): string {
	const text = parts.join('; ');
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function removed(before: Map<string, string>, after: Map<string, string>): string[] {
	return [...before.keys()].filter((path) => !after.has(path));
}

function answerTo(turn: Turn, call: ToolCall): string | undefined {
	return resultsOf(turn, call).at(-1);
}

function resultsOf(turn: Turn, call: ToolCall): string[] {
	return turn.results.get(callKey(call.name, call.args)) ?? [];
}

function firstLine(text: string): string {
	return text.split('\n')[0]?.slice(0, 200) ?? '';
}

function say(text: string): DemoTurn {
	return { text, calls: [] };
}

function read(filePath: string): ToolCall {
	return { name: 'read', args: { filePath } };
}

function write(filePath: string, content: string): ToolCall {
	return { name: 'write', args: { filePath, content } };
}

/** The paths are the script's own, never the person's words: nothing in them means anything to a shell. */
function remove(paths: string[]): ToolCall {
	return {
		name: 'bash',
		args: { command: `rm -f ${paths.join(' ')}`, description: 'Removes files that nothing uses' },
	};
}
