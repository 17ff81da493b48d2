import { randomBytes } from 'node:crypto';
import type { Conversation, Reply, ToolCall } from './wire.ts';

/** What goes wrong with a reply, as the user message asked for. */
export type Faults = {
	/** Answer with this status instead, for the first `times` requests of the same message. */
	status?: { code: number; retryAfter: string | undefined; times: number };
	/** Never answer. */
	hang: boolean;
	/** Close the connection before the first byte. */
	reset: boolean;
	/** Close the connection in the middle of the stream. */
	cut: boolean;
	/** Repeat all that was sent, key included, in front of a reply and in one of its headers. */
	echo: boolean;
	/** Wait so long before each piece of the reply. */
	slowMs: number;
};

type Directive = { verb: string; rest: string };

/**
 * Reads the script in the last user message. Tool calls are made one per model turn, in order; then comes a text.
 *
 *   {{write PATH CONTENT}} {{read PATH}} {{bash COMMAND}} {{tool NAME JSON}}
 *   {{status CODE [RETRY-AFTER|-] [xTIMES]}} {{slow MS}} {{hang}} {{reset}} {{cut}} {{echo}} {{long WORDS}} {{say TEXT}}
 */
export function followScript(conversation: Conversation): { reply: Reply; faults: Faults } {
	// A request without tools asks for a title: the script in the person's text is not for it.
	const script = conversation.toolNames.length === 0 ? [] : directives(conversation.userText);
	const calls = script.flatMap((directive) => toolCall(directive, conversation.toolNames) ?? []);
	const call = calls[conversation.toolResults];
	const chunks = call ? [] : (finalText(script, conversation).match(/[\s\S]{1,12}/g) ?? []);
	return { reply: { model: conversation.model, chunks, call }, faults: readFaults(script) };
}

function directives(text: string): Directive[] {
	return [...text.matchAll(/\{\{(\w+)\s*([\s\S]*?)\}\}(?!\})/g)].map(([, verb = '', rest = '']) => ({ verb, rest }));
}

function toolCall({ verb, rest }: Directive, toolNames: string[]): ToolCall | undefined {
	const call = (name: string, input: Record<string, unknown>): ToolCall => ({
		id: `call_${randomBytes(8).toString('hex')}`,
		name,
		input,
	});
	const [first, after] = splitFirst(rest);
	if (verb === 'bash') return call('bash', { command: rest, description: 'Scripted command' });
	if (verb === 'read') return call('read', { filePath: rest });
	if (verb === 'tool') return call(first, JSON.parse(after || '{}'));
	if (verb !== 'write') return undefined;
	// GPT-5 family agents get apply_patch in place of write and edit.
	if (toolNames.includes('write') || !toolNames.includes('apply_patch'))
		return call('write', { filePath: first, content: after });
	const lines = after.split('\n').map((line) => `+${line}`);
	return call('apply_patch', {
		patchText: ['*** Begin Patch', `*** Add File: ${first}`, ...lines, '*** End Patch'].join('\n'),
	});
}

function finalText(script: Directive[], conversation: Conversation): string {
	const said = script.find(({ verb }) => verb === 'say');
	if (said) return said.rest;
	const long = script.find(({ verb }) => verb === 'long');
	if (long) return 'word '.repeat(Number(long.rest) || 50);
	if (conversation.toolNames.length === 0) return 'Fake title';
	return `Done. model=${conversation.model} tools=${conversation.toolResults}`;
}

function readFaults(script: Directive[]): Faults {
	const has = (wanted: string) => script.some(({ verb }) => verb === wanted);
	const status = script.find(({ verb }) => verb === 'status');
	return {
		...(status && { status: readStatus(status.rest) }),
		hang: has('hang'),
		reset: has('reset'),
		cut: has('cut'),
		echo: has('echo'),
		slowMs: Number(script.find(({ verb }) => verb === 'slow')?.rest ?? 0),
	};
}

function readStatus(rest: string): NonNullable<Faults['status']> {
	const [code = '500', ...options] = rest.trim().split(/\s+/);
	const times = options.find((option) => /^x\d+$/.test(option));
	const retryAfter = options.find((option) => /^\d+$/.test(option));
	return { code: Number(code), retryAfter, times: times ? Number(times.slice(1)) : Number.POSITIVE_INFINITY };
}

function splitFirst(text: string): [first: string, rest: string] {
	const match = /^(\S+)\s?([\s\S]*)$/.exec(text.trimStart());
	return [match?.[1] ?? '', match?.[2] ?? ''];
}
