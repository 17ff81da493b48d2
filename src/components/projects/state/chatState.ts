import type { MessagePart, MessageView } from '#shared/chat.ts';
import type { LiveEvent } from '#shared/live.ts';
import { mergeMessage, mergePart, mergeText } from './mergeMessage.ts';

/** A message as the chat shows it; `sending` until the server has taken it. */
export type ShownMessage = MessageView & { sending?: true };

export interface ChatState {
	messages: ShownMessage[];
	/** Streamed text whose part has not arrived yet, by `messageId/partId`. */
	early: Record<string, string>;
	/** What the agent waits for, in words; null while it goes on. */
	status: string | null;
}

export type ChatEvent =
	| Extract<LiveEvent, { type: 'message.changed' | 'message.part' | 'message.delta' | 'chat.status' }>
	| { type: 'chat.loaded'; messages: MessageView[] }
	| { type: 'chat.sending'; localId: string; text: string; at: string }
	| { type: 'chat.sent'; localId: string; messageId: string }
	| { type: 'chat.sendFailed'; localId: string };

export function initialChat(messages: MessageView[]): ChatState {
	return { messages: inOrder(messages), early: {}, status: null };
}

/**
 * The chat after one event. Safe against repeats and wrong order: text that is shown never shrinks,
 * a finished message never becomes unfinished, and a sent message is shown once.
 */
export function reduceChat(state: ChatState, event: ChatEvent): ChatState {
	switch (event.type) {
		case 'message.changed':
			return messageChanged(state, event.message);
		case 'message.part':
			return partArrived(state, event.messageId, event.part);
		case 'message.delta':
			return deltaArrived(state, event.messageId, event.partId, event.text);
		case 'chat.status':
			return { ...state, status: event.status };
		case 'chat.loaded':
			return loaded(state, event.messages);
		case 'chat.sending':
			return { ...state, messages: [...state.messages, localMessage(event)] };
		case 'chat.sent':
			return sent(state, event.localId, event.messageId);
		case 'chat.sendFailed':
			return { ...state, messages: state.messages.filter((message) => message.id !== event.localId) };
	}
}

/** Whether the message is still only here: false once the server's own copy has taken its place. */
export function isUnsent(state: ChatState, localId: string): boolean {
	return state.messages.some((message) => message.id === localId);
}

function messageChanged(state: ChatState, message: MessageView): ChatState {
	const known = state.messages.find((shown) => shown.id === message.id);
	const local = known === undefined && message.role === 'user' ? unsentTwin(state.messages, message) : undefined;
	const others = state.messages.filter((shown) => shown.id !== message.id && shown !== local);
	const next = withEarly(state.early, message);
	const merged = known === undefined ? next : mergeMessage(known, next);
	return { ...state, early: withoutCarried(state.early, message), messages: inOrder([...others, merged]) };
}

/** Our own copy of a message that the live stream brings before the reply to `chat.send`. */
function unsentTwin(messages: ShownMessage[], message: MessageView): ShownMessage | undefined {
	const text = textOf(message);
	return messages.find((shown) => shown.sending === true && textOf(shown) === text);
}

function partArrived(state: ChatState, messageId: string, part: MessagePart): ChatState {
	const [ready, early] = takeEarly(state.early, messageId, part);
	const known = state.messages.find((message) => message.id === messageId);
	if (known === undefined) {
		return { ...state, early, messages: inOrder([...state.messages, placeholder(state.messages, messageId, ready)]) };
	}
	return { ...state, early, messages: replace(state.messages, { ...known, parts: withPart(known.parts, ready) }) };
}

function deltaArrived(state: ChatState, messageId: string, partId: string, text: string): ChatState {
	const message = state.messages.find((shown) => shown.id === messageId);
	if (message !== undefined && message.completedAt !== null) return state;
	const part = message?.parts.find((shown) => shown.id === partId);
	if (message === undefined || part === undefined) {
		const key = `${messageId}/${partId}`;
		return { ...state, early: { ...state.early, [key]: (state.early[key] ?? '') + text } };
	}
	if (part.type === 'tool') return state;
	const longer = { ...part, text: part.text + text };
	return { ...state, messages: replace(state.messages, { ...message, parts: withPart(message.parts, longer) }) };
}

/** A reload: the server's list is the truth, but for what is newer here than its snapshot. */
function loaded(state: ChatState, messages: MessageView[]): ChatState {
	const byId = new Map(state.messages.map((message) => [message.id, message]));
	const merged = messages.map((message) => {
		const shown = byId.get(message.id);
		const next = withEarly(state.early, message);
		return shown === undefined ? next : mergeMessage(shown, next);
	});
	const newest =
		messages
			.map((message) => message.createdAt)
			.toSorted()
			.at(-1) ?? '';
	const taken = new Set(messages.map((message) => message.id));
	const kept = state.messages.filter((shown) => {
		if (taken.has(shown.id)) return false;
		return shown.sending === true ? !merged.some((message) => isTwin(message, shown)) : shown.createdAt > newest;
	});
	return { ...state, early: {}, messages: inOrder([...merged, ...kept]) };
}

/** In a reload a twin must also be as new as our copy: the same words may have been said before. */
function isTwin(message: MessageView, local: ShownMessage): boolean {
	return message.role === 'user' && message.createdAt >= local.createdAt && textOf(message) === textOf(local);
}

function sent(state: ChatState, localId: string, messageId: string): ChatState {
	const arrived = state.messages.some((message) => message.id === messageId);
	const messages = arrived
		? state.messages.filter((message) => message.id !== localId)
		: state.messages.map((message) => (message.id === localId ? taken(message, messageId) : message));
	return { ...state, messages };
}

function taken({ sending: _, ...message }: ShownMessage, id: string): ShownMessage {
	return { ...message, id };
}

function localMessage(event: { localId: string; text: string; at: string }): ShownMessage {
	return {
		id: event.localId,
		role: 'user',
		parts: [{ type: 'text', id: `${event.localId}/text`, text: event.text }],
		providerId: null,
		modelId: null,
		createdAt: event.at,
		completedAt: null,
		jobId: null,
		sending: true,
	};
}

/** A part may come before its message: it is shown at the end until the message says where it belongs. */
function placeholder(messages: ShownMessage[], id: string, part: MessagePart): ShownMessage {
	const createdAt = messages.findLast((message) => message.sending !== true)?.createdAt ?? '';
	return {
		id,
		role: 'assistant',
		parts: [part],
		providerId: null,
		modelId: null,
		createdAt,
		completedAt: null,
		jobId: null,
	};
}

function takeEarly(
	early: Record<string, string>,
	messageId: string,
	part: MessagePart,
): [MessagePart, Record<string, string>] {
	const { [`${messageId}/${part.id}`]: text, ...rest } = early;
	if (text === undefined || part.type === 'tool') return [part, rest];
	return [{ ...part, text: mergeText(part.text, text) }, rest];
}

function withEarly(early: Record<string, string>, message: MessageView): MessageView {
	if (message.completedAt !== null) return message;
	return { ...message, parts: message.parts.map((part) => takeEarly(early, message.id, part)[0]) };
}

/** The early text without what the message's own parts now carry, and without any of a finished message. */
function withoutCarried(early: Record<string, string>, message: MessageView): Record<string, string> {
	const carried = new Set(message.parts.map((part) => `${message.id}/${part.id}`));
	const finished = message.completedAt !== null;
	const waits = (key: string) => !(carried.has(key) || (finished && key.startsWith(`${message.id}/`)));
	return Object.fromEntries(Object.entries(early).filter(([key]) => waits(key)));
}

function withPart(parts: MessagePart[], part: MessagePart): MessagePart[] {
	const at = parts.findIndex((shown) => shown.id === part.id);
	const shown = parts[at];
	return shown === undefined ? [...parts, part] : parts.with(at, mergePart(shown, part));
}

function replace(messages: ShownMessage[], message: ShownMessage): ShownMessage[] {
	return messages.map((shown) => (shown.id === message.id ? message : shown));
}

/** By time; what is still being sent stays last, and equal times keep their place. */
function inOrder(messages: ShownMessage[]): ShownMessage[] {
	const key = (message: ShownMessage) => (message.sending === true ? '~' : message.createdAt);
	return messages.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function textOf(message: MessageView): string {
	return message.parts
		.map((part) => (part.type === 'text' ? part.text : ''))
		.join('')
		.trim();
}
