import { getInitialMessage } from '../../chat/messages.ts';
import { runTurn } from '../../chat/turn.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** Step 6: the prompt the project was created with, until the agent has ended its turn. */
export function opencodeSendInitialPrompt(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'opencode.sendInitialPrompt',
		payload: ofProject,
		async run({ projectId }, { job, ...context }) {
			const message = await getInitialMessage(services.db, projectId);
			await runTurn(services, projectId, message, { ...context, jobId: job.id });
		},
	});
}
