import type { MessagePart } from '#shared/chat.ts';
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

type AssistantInfo = OpenCodeMessage & { role: 'assistant' };
type Draft = { message: AssistantInfo; parts: Map<string, MessagePart>; rowId: string | undefined };

export type TranscriptServices = {
	db: Db;
	live: Live;
	/** Whom a failure is told of, and what must not be in it. */
	failureContext(project: Project): Promise<FailureContext>;
};

export function createTranscript(services: TranscriptServices, project: Project, sessionId: string): Transcript {
	const drafts = new Map<string, Draft>();
	const audience = { userId: project.user_id, projectId: project.id };

	async function save(draft: Draft): Promise<void> {
		const { message } = draft;
		// Nothing to show yet; a failure without an answer is told by the message it belongs to.
		if (draft.parts.size === 0) return;
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
		const draft = drafts.get(message.id) ?? { message, parts: new Map(), rowId: undefined };
		drafts.set(message.id, draft);
		draft.message = message;
		return draft;
	}

	async function applyPart(part: OpenCodePart): Promise<void> {
		const draft = drafts.get(part.messageId);
		const view = toMessagePart(part);
		if (draft === undefined || view === undefined) return;
		const isStreaming = view.type !== 'tool';
		draft.parts.set(view.id, view);
		// Streamed text is stored with its message's next change: each piece of it would be one more write to the disk.
		if (draft.rowId === undefined || !isStreaming) return save(draft);
		services.live.publish(audience, {
			type: 'message.part',
			projectId: project.id,
			messageId: draft.rowId,
			part: view,
		});
	}

	function applyDelta({ messageId, partId, text }: OpenCodeEvent & { type: 'message.part.delta' }): void {
		const draft = drafts.get(messageId);
		const part = draft?.parts.get(partId);
		if (draft?.rowId === undefined || part === undefined || part.type === 'tool') return;
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
			for (const { message, parts } of entries) {
				if (message.role !== 'assistant' || complete.has(message.id)) continue;
				const draft = draftOf(message);
				for (const part of parts) {
					const view = toMessagePart(part);
					if (view !== undefined) draft.parts.set(view.id, view);
				}
				await save(draft);
			}
		},
	};
}

/** A part as the chat shows it; undefined for what is there for the model or the bookkeeping alone. */
function toMessagePart(part: OpenCodePart): MessagePart | undefined {
	if (part.type === 'step-finish') return undefined;
	if (part.type !== 'tool') return part.synthetic ? undefined : { type: part.type, id: part.id, text: part.text };
	return {
		type: 'tool',
		id: part.id,
		tool: part.tool,
		state: part.state,
		title: part.title === '' ? titleOf(part.tool, part.input) : part.title,
		input: shorten(JSON.stringify(part.input, null, 2)),
		output: shorten(part.output),
	};
}

function titleOf(tool: string, input: Record<string, unknown>): string {
	const subject = input['filePath'] ?? input['path'] ?? input['pattern'] ?? input['command'] ?? input['description'];
	return typeof subject === 'string' ? subject.slice(0, 200) : tool;
}

function shorten(text: string): string {
	return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters`;
}
