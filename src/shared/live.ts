import { z } from 'zod';
import { messagePart, messageView } from './chat.ts';
import { oauthAttempt } from './oauth.ts';
import { notice, projectSummary, standIn, stepView } from './projects.ts';
import { connectionView } from './providers.ts';
import { jobEventView, jobView } from './queue.ts';
import { receiptView } from './receipts.ts';

/** What the browser receives by SSE: one JSON object per event, told apart by `type`. */
export const liveEvent = z.discriminatedUnion('type', [
	/** The first event of every stream; after a reconnect it means "reload what you show". */
	z.object({ type: z.literal('hello'), version: z.string() }),
	z.object({
		type: z.literal('project.changed'),
		project: projectSummary,
		notices: z.array(notice),
		busy: z.boolean(),
		standIn: standIn.nullable(),
		costThisMonth: z.number(),
	}),
	z.object({ type: z.literal('project.deleted'), projectId: z.string() }),
	z.object({ type: z.literal('project.step'), projectId: z.string(), step: stepView }),
	z.object({ type: z.literal('project.filesChanged'), projectId: z.string() }),
	z.object({ type: z.literal('message.changed'), projectId: z.string(), message: messageView }),
	z.object({ type: z.literal('message.part'), projectId: z.string(), messageId: z.string(), part: messagePart }),
	/** Text to append to a part that is already shown. */
	z.object({
		type: z.literal('message.delta'),
		projectId: z.string(),
		messageId: z.string(),
		partId: z.string(),
		text: z.string(),
	}),
	/** What the agent is waiting for, such as a provider's retry; null when it goes on. */
	z.object({ type: z.literal('chat.status'), projectId: z.string(), status: z.string().nullable() }),
	z.object({ type: z.literal('connection.changed'), connection: connectionView }),
	z.object({ type: z.literal('connection.removed'), connectionId: z.string() }),
	/** A sign-in ended, one way or another. */
	z.object({ type: z.literal('oauth.attempt'), attempt: oauthAttempt }),
	/** What became of a change to a connection in one project. */
	z.object({ type: z.literal('receipt.changed'), connectionId: z.string(), receipt: receiptView }),
	/** Why projects cannot be started now; null when they can be again. */
	z.object({ type: z.literal('runtime.changed'), trouble: z.string().nullable() }),
	z.object({ type: z.literal('job.changed'), job: jobView }),
	z.object({ type: z.literal('job.event'), jobId: z.string(), event: jobEventView }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;
