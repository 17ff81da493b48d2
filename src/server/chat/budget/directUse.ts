import { setTimeout as pause } from 'node:timers/promises';
import { DEMO_PROVIDER_ID } from '../../auth/connections.ts';
import type { Db } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { TranscriptEntry } from '../../opencode/client.ts';
import type { Project } from '../../projects/projects.ts';
import type { Serving } from '../../projects/serving.ts';
import { type DirectUse, recordDirectUse } from '../../usage/direct.ts';
import { type Answer, type Asked, answersTo } from '../answer.ts';

type Turn = Pick<Asked, 'openCode' | 'sessionId' | 'messageId' | 'dead'> & { project: Project; serving: Serving };

/** How long a turn that was stopped may take until it has noted what it took, in ms. */
const LAST_WORDS = 3_000;

/**
 * What a turn took whose project holds the key itself, with the work of its sub-agents: the gateway has seen nothing of
 * it. The demo costs nothing.
 */
export async function noteDirectUse(db: Db, turn: Turn): Promise<void> {
	const { connection } = turn.serving;
	if (connection?.delivery !== 'direct' || connection.provider_id === DEMO_PROVIDER_ID) return;
	const entries = await turn.openCode.listMessages(turn.sessionId);
	const answers = [...answersTo(turn.messageId, entries), ...(await helpersAnswers(turn, entries))];
	await recordDirectUse(db, usesOf(answers, { ...turn, connectionId: connection.id }));
}

/**
 * The same for a turn that ends before its time, of which OpenCode has counted the answers that were finished. What it
 * does not tell in time is lost: the turn ends all the same.
 */
export async function noteInterruptedUse(
	{ db, logger }: { db: Db; logger: Logger },
	turn: Turn,
	{ waits }: { waits: boolean },
): Promise<void> {
	const note = async (): Promise<void> => {
		const giveUp = Date.now() + LAST_WORDS;
		while (waits && Date.now() < giveUp && (await turn.openCode.busySessions()).includes(turn.sessionId))
			await pause(50);
		await noteDirectUse(db, turn);
	};
	try {
		await Promise.race([note(), pause(2 * LAST_WORDS, undefined, { ref: false })]);
	} catch (error) {
		logger.warn({ err: error, projectId: turn.project.id }, 'What a stopped turn took is not on record.');
	}
}

/** Of this try alone: what an earlier one took may have been counted for another connection. */
async function helpersAnswers(
	{ openCode, sessionId, messageId, dead }: Turn,
	entries: readonly TranscriptEntry[],
): Promise<Answer[]> {
	const asked = entries.find(({ message }) => message.id === messageId)?.message.createdAt;
	if (asked === undefined) return [];
	const ends = entries.flatMap(({ message }) =>
		message.role === 'assistant' && dead.has(message.id) ? [message.completedAt ?? message.createdAt] : [],
	);
	const since = Math.max(asked, ...ends);
	const answers: Answer[] = [];
	for (const helper of await openCode.listDescendants(sessionId)) {
		for (const { message, parts } of await openCode.listMessages(helper))
			if (message.role === 'assistant' && message.createdAt >= since) answers.push({ message, parts });
	}
	return answers;
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
