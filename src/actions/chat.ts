import { z } from 'zod';
import { addUserMessage, getMessage, listMessages, toMessageView } from '#server/chat/messages.ts';
import { continueWith, returnToOwn } from '#server/chat/refused.ts';
import { AppError } from '#server/errors.ts';
import { ownProject, touchProject } from '#server/projects/projects.ts';
import { cancelJob } from '#server/queue/enqueue.ts';
import { listOpenJobs, PROMPT_JOBS } from '#server/queue/jobs.ts';
import { chatText, messageView } from '#shared/chat.ts';
import { nothing, userAction } from './define.ts';
import { personOf } from './person.ts';
import { withoutSecrets } from './projects/secrets.ts';

const projectId = z.string().min(1).max(64);

export const chat = {
	send: userAction({
		input: z.object({ projectId, text: chatText }),
		output: z.object({ messageId: z.string() }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			if (project.status === 'deleting') throw new AppError('conflict', 'The project is being deleted.');
			const { text, note } = await withoutSecrets(app, user, input.text);
			const messageId = await addUserMessage(app.db, project, text, note);
			await touchProject(app.db, project.id);
			app.uses.note(project.id);
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

	/** Stops what the agent does; or, when it waits, gives up the message that is next. */
	stop: userAction({
		input: z.object({ projectId }),
		output: nothing,
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const open = await listOpenJobs(app.db, project.id, PROMPT_JOBS);
			const next = open.find(({ state }) => state === 'running') ?? open[0];
			if (next === undefined) throw new AppError('conflict', 'The agent is not working on anything.');
			await cancelJob(app.db, next.id);
			return {};
		},
	}),

	/** Lets another connection answer the messages that wait; without one, the next in the person's order. */
	continueWith: userAction({
		input: z.object({ projectId, connectionId: z.string().max(64).optional() }),
		output: z.object({ providerId: z.string(), modelId: z.string() }),
		async run(input, context) {
			const { app, user } = context;
			const project = await ownProject(app.db, user, input.projectId);
			const { providerId, modelId } = await continueWith(app.projects, project, personOf(context), input.connectionId);
			return { providerId, modelId };
		},
	}),

	/** Ends that another connection answers: the project's own provider is asked again. */
	returnToOwn: userAction({
		input: z.object({ projectId }),
		output: nothing,
		async run(input, context) {
			const { app, user } = context;
			await returnToOwn(app.projects, await ownProject(app.db, user, input.projectId), personOf(context));
			return {};
		},
	}),
};
