import type { MessagePart } from '#shared/chat.ts';
import type { LeakGuard } from '../auth/leakguard/guard.ts';
import type { Scrubber, ScrubStream } from '../auth/leakguard/scrubber.ts';
import type { Db } from '../db/client.ts';
import type { Live } from '../live/live.ts';
import type { TranscriptEntry } from '../opencode/client.ts';
import type { OpenCodeEvent } from '../opencode/events.ts';
import type { OpenCodeMessage, OpenCodePart } from '../opencode/message.ts';
import type { Project } from '../projects/projects.ts';
import { describeFailure, type FailureContext } from './failures.ts';
import { listCompleteIds, saveAssistantMessage, toMessageView } from './messages.ts';

/** Of a tool's arguments and result, this many characters are kept for the chat. */
const LONGEST = 4_000;

/** Keeps the assistant's messages of one session: in the table, and in the browsers that are open. */
export type Transcript = {
	apply(event: OpenCodeEvent): Promise<void>;
	/** Takes over the whole session as OpenCode has it. */
	load(entries: TranscriptEntry[]): Promise<void>;
};

type WrittenPart = OpenCodePart & { type: 'text' | 'reasoning' };
type AssistantInfo = OpenCodeMessage & { role: 'assistant' };
type Draft = {
	message: AssistantInfo;
	parts: Map<string, MessagePart>;
	/** Of the parts that are still written: what holds back the beginning of a secret. */
	open: Map<string, ScrubStream>;
	rowId: string | undefined;
};

export type TranscriptServices = {
	db: Db;
	live: Live;
	/** Whom a failure is told of, and what must not be in it. */
	failureContext(project: Project): Promise<FailureContext>;
	/** Takes secrets out of what the agent says and does, before it is stored or shown. */
	guard: LeakGuard;
};

export function createTranscript(services: TranscriptServices, project: Project, sessionId: string): Transcript {
	const drafts = new Map<string, Draft>();
	const audience = { userId: project.user_id, projectId: project.id };

	async function save(draft: Draft): Promise<void> {
		const { message } = draft;
		// Nothing to show yet; a failure without an answer is told by the message it belongs to.
		if (draft.parts.size === 0) return;
		if (message.completedAt !== null || message.error !== null) closeParts(draft);
		const row = await saveAssistantMessage(services.db, project.id, {
			openCodeMessageId: message.id,
			parts: [...draft.parts.values()],
			providerId: message.providerId,
			modelId: message.modelId,
			error: message.error === null ? null : describeFailure(message.error, await services.failureContext(project)),
			completedAt: message.completedAt,
		});
		draft.rowId = row.id;
		services.live.publish(audience, { type: 'message.changed', projectId: project.id, message: toMessageView(row) });
	}

	function draftOf(message: AssistantInfo): Draft {
		const draft = drafts.get(message.id) ?? { message, parts: new Map(), open: new Map(), rowId: undefined };
		drafts.set(message.id, draft);
		draft.message = message;
		return draft;
	}

	async function applyPart(part: OpenCodePart): Promise<void> {
		const draft = drafts.get(part.messageId);
		if (draft === undefined) return;
		const view = takeIn(draft, part, await services.guard.scrubberFor(project.user_id));
		if (view === undefined) return;
		const isStreaming = view.type !== 'tool';
		// Streamed text is stored with its message's next change: each piece of it would be one more write to the disk.
		if (draft.rowId === undefined || !isStreaming) return save(draft);
		services.live.publish(audience, {
			type: 'message.part',
			projectId: project.id,
			messageId: draft.rowId,
			part: view,
		});
	}

	function applyDelta({ messageId, partId, text: piece }: OpenCodeEvent & { type: 'message.part.delta' }): void {
		const draft = drafts.get(messageId);
		const part = draft?.parts.get(partId);
		if (draft?.rowId === undefined || part === undefined || part.type === 'tool') return;
		const text = draft.open.get(partId)?.push(piece) ?? '';
		if (text === '') return;
		part.text += text;
		services.live.publish(audience, {
			type: 'message.delta',
			projectId: project.id,
			messageId: draft.rowId,
			partId,
			text,
		});
	}

	return {
		async apply(event) {
			if (event.type === 'message.part.delta') return applyDelta(event);
			if (event.type === 'message.part.updated' && event.part.sessionId === sessionId) return applyPart(event.part);
			if (event.type !== 'message.updated' || event.message.role !== 'assistant') return;
			if (event.message.sessionId === sessionId) await save(draftOf(event.message));
		},
		async load(entries) {
			drafts.clear();
			const complete = await listCompleteIds(services.db, project.id);
			const scrubber = await services.guard.scrubberFor(project.user_id);
			for (const { message, parts } of entries) {
				if (message.role !== 'assistant' || complete.has(message.id)) continue;
				const draft = draftOf(message);
				for (const part of parts) takeIn(draft, part, scrubber);
				await save(draft);
			}
		},
	};
}

/** Takes a part into a draft as the chat shows it; undefined for what is there for the model or the bookkeeping alone. */
function takeIn(draft: Draft, part: OpenCodePart, scrubber: Scrubber): MessagePart | undefined {
	if (part.type === 'step-finish' || (part.type !== 'tool' && part.synthetic)) return undefined;
	const view = part.type === 'tool' ? toToolPart(part, scrubber) : toWrittenPart(draft, part, scrubber);
	draft.parts.set(view.id, view);
	return view;
}

function toWrittenPart(draft: Draft, part: WrittenPart, scrubber: Scrubber): MessagePart {
	const stream = scrubber.stream();
	const text = stream.push(part.text) + (part.ended ? stream.end() : '');
	if (part.ended) draft.open.delete(part.id);
	else draft.open.set(part.id, stream);
	return { type: part.type, id: part.id, text };
}

/** Nothing more comes: what was held back is shown. */
function closeParts(draft: Draft): void {
	for (const [id, stream] of draft.open) {
		const part = draft.parts.get(id);
		if (part !== undefined && part.type !== 'tool') part.text += stream.end();
	}
	draft.open.clear();
}

function toToolPart(part: OpenCodePart & { type: 'tool' }, { scrub }: Scrubber): MessagePart {
	return {
		type: 'tool',
		id: part.id,
		tool: part.tool,
		state: part.state,
		title: scrub(part.title === '' ? titleOf(part.tool, part.input) : part.title),
		// Before it is shortened: a secret that is cut may be too short to be known.
		input: shorten(scrub(JSON.stringify(part.input, null, 2))),
		output: shorten(scrub(part.output)),
	};
}

function titleOf(tool: string, input: Record<string, unknown>): string {
	const subject = input['filePath'] ?? input['path'] ?? input['pattern'] ?? input['command'] ?? input['description'];
	return typeof subject === 'string' ? subject.slice(0, 200) : tool;
}

function shorten(text: string): string {
	return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters`;
}
