import { DEMO_PROVIDER_ID } from '../../auth/connections.ts';
import type { Db } from '../../db/client.ts';
import type { Project } from '../../projects/projects.ts';
import type { Serving } from '../../projects/serving.ts';
import { type DirectUse, recordDirectUse } from '../../usage/direct.ts';
import { type Answer, type Asked, answersTo } from '../answer.ts';

type Turn = Pick<Asked, 'openCode' | 'sessionId' | 'messageId' | 'dead'> & { project: Project; serving: Serving };

/** What a turn took whose project holds the key itself: the gateway has seen nothing of it. The demo costs nothing. */
export async function noteDirectUse(db: Db, turn: Turn): Promise<void> {
	const { connection } = turn.serving;
	if (connection?.delivery !== 'direct' || connection.provider_id === DEMO_PROVIDER_ID) return;
	const answers = answersTo(turn.messageId, await turn.openCode.listMessages(turn.sessionId));
	await recordDirectUse(db, usesOf(answers, { ...turn, connectionId: connection.id }));
}

/** One use for each answer that has ended, but for those of earlier tries. */
export function usesOf(
	answers: readonly Answer[],
	{ project, connectionId, dead }: Pick<Turn, 'project' | 'dead'> & { connectionId: string },
): DirectUse[] {
	return answers.flatMap(({ message }) => {
		const { tokens, completedAt } = message;
		if (completedAt === null || dead.has(message.id)) return [];
		const counted = {
			input: tokens.input + tokens.cache.write,
			cached: tokens.cache.read,
			output: tokens.output,
			reasoning: tokens.reasoning,
		};
		if (Object.values(counted).every((count) => count === 0)) return [];
		return {
			answerId: message.id,
			at: completedAt,
			durationMs: completedAt - message.createdAt,
			userId: project.user_id,
			projectId: project.id,
			connectionId,
			providerId: message.providerId,
			modelId: message.modelId,
			tokens: counted,
			priceUsd: message.cost,
		};
	});
}
