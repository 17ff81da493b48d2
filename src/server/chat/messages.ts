import type { MessageError, MessagePart, MessageView } from '#shared/chat.ts';
import { type Db, inTransaction } from '../db/client.ts';
import { deriveId, newId } from '../db/id.ts';
import type { Row } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { newOpenCodeMessageId, partIdOf } from '../opencode/ids.ts';
import type { Project } from '../projects/projects.ts';
import { enqueue } from '../queue/enqueue.ts';

export type Message = Omit<Row<'messages'>, 'parts' | 'error' | 'note'> & {
	parts: MessagePart[];
	error: MessageError | null;
	note: MessageNote | null;
};

/** What happened on the way to a message's answer. */
export type MessageNote = {
	/** For the person. */
	text: string;
	/** The connections that refused it since it was last taken up, so that none is asked twice. */
	refusedBy: string[];
};

/** How many messages a page shows at most, newest kept. */
const PAGE = 500;

/** A project's messages, oldest first. */
export async function listMessages(db: Db, projectId: string): Promise<Message[]> {
	const rows = await db
		.selectFrom('messages')
		.selectAll()
		.where('project_id', '=', projectId)
		.orderBy('id', 'desc')
		.limit(PAGE)
		.execute();
	return rows.reverse().map(fromRow);
}

export async function getMessage(db: Db, messageId: string): Promise<Message> {
	const row = await db.selectFrom('messages').selectAll().where('id', '=', messageId).executeTakeFirst();
	if (row === undefined) throw new AppError('not_found', 'The message has been deleted.');
	return fromRow(row);
}

/** Stores what a person wrote and enqueues the job that sends it, in one transaction. Returns the message's id. */
export async function addUserMessage(db: Db, project: Project, text: string): Promise<string> {
	return inTransaction(db, async (tx) => {
		const id = newId();
		const { jobId } = await enqueue(tx, {
			type: 'chat.sendPrompt',
			payload: { projectId: project.id, messageId: id },
			projectId: project.id,
			userId: project.user_id,
		});
		await insertUserMessage(tx, project, { id, text, jobId });
		return id;
	});
}

/** The message that carries a project's first prompt: stored with the project, sent by the chain's last step. */
export async function addInitialMessage(db: Db, project: Project): Promise<void> {
	await insertUserMessage(db, project, { id: newId(), text: project.prompt, jobId: null });
}

/** The first prompt of a project that another application sent, or should have sent, when the project was made. */
export async function addImportedMessage(db: Db, project: Project): Promise<void> {
	const at = project.created_at;
	const id = deriveId(at, 'imported message', project.id);
	await insertUserMessage(db, project, { id, text: project.prompt, jobId: null, at });
}

export async function getInitialMessage(db: Db, projectId: string): Promise<Message> {
	const first = await findInitialMessage(db, projectId);
	if (first === undefined) throw new AppError('not_found', 'The project has no first message.');
	return first;
}

async function findInitialMessage(db: Db, projectId: string): Promise<Message | undefined> {
	const first = await db
		.selectFrom('messages')
		.selectAll()
		.where('project_id', '=', projectId)
		.where('role', '=', 'user')
		.orderBy('id')
		.executeTakeFirst();
	return first === undefined ? undefined : fromRow(first);
}

/**
 * The ids under which OpenCode gets to know a message, stored before it is first sent: sent again after a crash
 * with the same two ids, it stays one message. Made at that moment, so that it sorts behind all that came before.
 */
export async function ensureOpenCodeIds(db: Db, message: Message): Promise<{ messageId: string; partId: string }> {
	const messageId = message.opencode_message_id ?? newOpenCodeMessageId(Date.now());
	if (message.opencode_message_id === null) {
		await db.updateTable('messages').set({ opencode_message_id: messageId }).where('id', '=', message.id).execute();
	}
	return { messageId, partId: partIdOf(messageId) };
}

/** Writes how a message ended, or with `error: null` that it may be tried again. */
export async function setMessageError(db: Db, messageId: string, error: MessageError | null): Promise<Message> {
	await db
		.updateTable('messages')
		.set({ error: error === null ? null : JSON.stringify(error), completed_at: Date.now() })
		.where('id', '=', messageId)
		.execute();
	return getMessage(db, messageId);
}

/** Writes what happened on the way to an answer; null forgets it. */
export async function setMessageNote(db: Db, messageId: string, note: MessageNote | null): Promise<void> {
	await db
		.updateTable('messages')
		.set({ note: note === null ? null : JSON.stringify(note) })
		.where('id', '=', messageId)
		.execute();
}

/** The message that a job sends. */
export async function findMessageOfJob(
	db: Db,
	job: { id: string; type: string; project_id: string | null },
): Promise<Message | undefined> {
	if (job.type === 'opencode.sendInitialPrompt' && job.project_id !== null)
		return findInitialMessage(db, job.project_id);
	const row = await db.selectFrom('messages').selectAll().where('job_id', '=', job.id).executeTakeFirst();
	return row === undefined ? undefined : fromRow(row);
}

/** OpenCode's ids of the assistant's messages that are stored to their end. */
export async function listCompleteIds(db: Db, projectId: string): Promise<Set<string>> {
	const rows = await db
		.selectFrom('messages')
		.select('opencode_message_id')
		.where('project_id', '=', projectId)
		.where('role', '=', 'assistant')
		.where('completed_at', 'is not', null)
		.execute();
	return new Set(rows.flatMap((row) => row.opencode_message_id ?? []));
}

export type AssistantMessage = {
	openCodeMessageId: string;
	parts: MessagePart[];
	providerId: string | null;
	modelId: string | null;
	error: MessageError | null;
	completedAt: number | null;
};

/** Stores an assistant's message as it stands now; the same OpenCode message is always the same row. */
export async function saveAssistantMessage(db: Db, projectId: string, message: AssistantMessage): Promise<Message> {
	const values = {
		parts: JSON.stringify(message.parts),
		provider_id: message.providerId,
		model_id: message.modelId,
		error: message.error === null ? null : JSON.stringify(message.error),
		completed_at: message.completedAt,
	};
	const row = await db
		.insertInto('messages')
		.values({
			id: newId(),
			project_id: projectId,
			role: 'assistant',
			opencode_message_id: message.openCodeMessageId,
			created_at: Date.now(),
			...values,
		})
		.onConflict((conflict) => conflict.columns(['project_id', 'opencode_message_id']).doUpdateSet(values))
		.returningAll()
		.executeTakeFirstOrThrow();
	return fromRow(row);
}

export function toMessageView(message: Message): MessageView {
	return {
		id: message.id,
		role: message.role,
		parts: message.parts,
		providerId: message.provider_id,
		modelId: message.model_id,
		...(message.error !== null && { error: message.error }),
		...(message.note?.text && { note: message.note.text }),
		createdAt: new Date(message.created_at).toISOString(),
		completedAt: message.completed_at === null ? null : new Date(message.completed_at).toISOString(),
		jobId: message.job_id,
	};
}

async function insertUserMessage(
	db: Db,
	project: Project,
	message: { id: string; text: string; jobId: string | null; at?: number },
): Promise<void> {
	const parts: MessagePart[] = [{ type: 'text', id: `${message.id}-text`, text: message.text }];
	await db
		.insertInto('messages')
		.values({
			id: message.id,
			project_id: project.id,
			job_id: message.jobId,
			role: 'user',
			parts: JSON.stringify(parts),
			provider_id: project.current_model_provider_id,
			model_id: project.current_model_id,
			created_at: message.at ?? Date.now(),
		})
		.execute();
}

function fromRow(row: Row<'messages'>): Message {
	return {
		...row,
		parts: JSON.parse(row.parts) as MessagePart[],
		error: row.error === null ? null : (JSON.parse(row.error) as MessageError),
		note: row.note === null ? null : (JSON.parse(row.note) as MessageNote),
	};
}
