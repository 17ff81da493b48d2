import { z } from 'zod';
import { getMessage } from '../../chat/messages.ts';
import { runTurn } from '../../chat/turn.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** A message of the chat, until the agent has ended its turn. A stopped project is started for it. */
export function chatSendPrompt(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'chat.sendPrompt',
		payload: ofProject.extend({ messageId: z.string() }),
		async run({ projectId, messageId }, { job, ...context }) {
			const message = await getMessage(services.db, messageId);
			await runTurn(services, projectId, message, { ...context, jobId: job.id });
		},
	});
}
