import { z } from 'zod';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });

const message = z.looseObject({
	role: z.string(),
	content: z.union([z.string(), z.array(part)]).nullish(),
	tool_calls: z
		.array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
		.optional(),
	tool_call_id: z.string().optional(),
});
type Message = z.infer<typeof message>;

/** The part of an OpenAI chat/completions request that the script reads. */
export const chatCompletionRequest = z.looseObject({
	model: z.string(),
	messages: z.array(message).min(1),
	tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
	stream: z.boolean().optional(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

export type ToolCall = { name: 'read' | 'write' | 'bash'; args: Record<string, string> };

/** What has happened since the person's last message. */
export type Turn = {
	prompt: string;
	/** How the calls since then ended, by `callKey`, oldest first. */
	results: Map<string, string[]>;
};

/** The state of the turn, read from the messages alone: the script keeps nothing between requests. */
export function currentTurn(messages: Message[]): Turn {
	const last = messages.findLastIndex(({ role }) => role === 'user');
	const since = messages.slice(last + 1);
	const answers = new Map(since.map((entry) => [entry.tool_call_id, textOf(entry)]));
	const results = new Map<string, string[]>();
	for (const call of since.flatMap((entry) => entry.tool_calls ?? [])) {
		const key = callKey(call.function.name, readArguments(call.function.arguments));
		results.set(key, [...(results.get(key) ?? []), answers.get(call.id) ?? '']);
	}
	return { prompt: promptOf(messages[last]), results };
}

/** Two calls with the same key do the same to the same file. */
export function callKey(name: string, args: Record<string, unknown>): string {
	return `${name} ${args['filePath'] ?? args['command'] ?? ''}`;
}

export function textOf({ content }: Message): string {
	if (typeof content === 'string') return content;
	return (content ?? []).map(({ text }) => text ?? '').join('\n');
}

/** The file's own text in an answer of OpenCode's read tool, which numbers the lines; undefined when it could not be read. */
export function fileIn(answer: string): string | undefined {
	const content = /<content>\n([\s\S]*?)\n*(?:\(End of file[^\n]*\)\n?)?<\/content>/.exec(answer)?.[1];
	return content
		?.split('\n')
		.map((line) => line.replace(/^\d+: ?/, ''))
		.join('\n');
}

/** The names in a folder, from the same tool's answer. */
export function entriesIn(answer: string): string[] {
	const entries = /<entries>\n([\s\S]*?)<\/entries>/.exec(answer)?.[1] ?? '';
	return entries.split('\n').map((line) => line.trim());
}

/** OpenCode adds reminders of its own to a person's words, and wraps the ones that came while it was busy. */
function promptOf(entry: Message | undefined): string {
	if (!entry) return '';
	return textOf(entry)
		.replace(
			/<system-reminder>\s*The user sent the following message:\s*([\s\S]*?)\s*Please address this message[\s\S]*?<\/system-reminder>/g,
			'$1',
		)
		.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
		.trim();
}

function readArguments(text: string): Record<string, unknown> {
	try {
		return z.record(z.string(), z.unknown()).parse(JSON.parse(text || '{}'));
	} catch (error) {
		// A broken call of some other model: it is not one of the script's, so it has no key.
		if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
		throw error;
	}
}
