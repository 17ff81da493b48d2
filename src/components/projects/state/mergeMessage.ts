import type { MessagePart, MessageView } from '#shared/chat.ts';

type ToolPart = Extract<MessagePart, { type: 'tool' }>;

/**
 * The message after a newer, older or repeated copy of it. A finished message takes only finished copies;
 * a person's own message does not stream, so that the latest copy is the whole of it.
 */
export function mergeMessage(shown: MessageView, next: MessageView): MessageView {
	if ((next.role === 'user' || next.completedAt !== null) && next.parts.length > 0) return next;
	if (shown.completedAt !== null && next.completedAt === null) return shown;
	const known = new Map(shown.parts.map((part) => [part.id, part]));
	const parts = next.parts.map((part) => {
		const before = known.get(part.id);
		known.delete(part.id);
		return before === undefined ? part : mergePart(before, part);
	});
	return { ...next, parts: [...parts, ...known.values()] };
}

/** The part after another snapshot of it: text does not shrink to its own beginning, a tool does not go back. */
export function mergePart(shown: MessagePart, next: MessagePart): MessagePart {
	if (shown.type === 'tool' || next.type === 'tool') {
		return shown.type === 'tool' && next.type === 'tool' ? mergeTool(shown, next) : next;
	}
	return shown.text.startsWith(next.text) ? { ...next, text: shown.text } : next;
}

/** A snapshot's text with the streamed text that came before it, which it may already hold, begin, or lack. */
export function mergeText(snapshot: string, streamed: string): string {
	if (snapshot.includes(streamed)) return snapshot;
	return streamed.startsWith(snapshot) ? streamed : snapshot + streamed;
}

const PROGRESS = { pending: 0, running: 1, completed: 2, error: 2 } as const;

function mergeTool(shown: ToolPart, next: ToolPart): ToolPart {
	return PROGRESS[next.state] < PROGRESS[shown.state] ? shown : next;
}
