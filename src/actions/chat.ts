import { z } from 'zod';
import { addUserMessage, getMessage, listMessages, toMessageView } from '#server/chat/messages.ts';
import { AppError } from '#server/errors.ts';
import { ownProject, touchProject } from '#server/projects/projects.ts';
import { cancelJob } from '#server/queue/enqueue.ts';
import { listJobs } from '#server/queue/jobs.ts';
import { chatText, messageView } from '#shared/chat.ts';
import { nothing, userAction } from './define.ts';

const projectId = z.string().min(1).max(64);

/** The jobs in which the agent works on a message. */
const PROMPT_JOBS = ['opencode.sendInitialPrompt', 'chat.sendPrompt'];

export const chat = {
	send: userAction({
		input: z.object({ projectId, text: chatText }),
		output: z.object({ messageId: z.string() }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			if (project.status === 'deleting') throw new AppError('conflict', 'The project is being deleted.');
			const messageId = await addUserMessage(app.db, project, input.text);
			await touchProject(app.db, project.id);
			const message = toMessageView(await getMessage(app.db, messageId));
			app.live.publish(
				{ userId: user.id, projectId: project.id },
				{ type: 'message.changed', projectId: project.id, message },
			);
			return { messageId };
		},
	}),

	messages: userAction({
		input: z.object({ projectId }),
		output: z.object({ messages: z.array(messageView) }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			return { messages: (await listMessages(app.db, project.id)).map(toMessageView) };
		},
	}),

	stop: userAction({
		input: z.object({ projectId }),
		output: nothing,
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const jobs = await listJobs(app.db, { projectId: project.id, state: 'running', limit: 10 });
			const running = jobs.find(({ type }) => PROMPT_JOBS.includes(type));
			if (running === undefined) throw new AppError('conflict', 'The agent is not working on anything.');
			await cancelJob(app.db, running.id);
			return {};
		},
	}),
};
