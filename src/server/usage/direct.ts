import type { Db } from '#server/db/client.ts';
import { dayOf } from './periods.ts';

/** An answer that a project got with the key itself, so that only its OpenCode knows what it took. */
export type DirectUse = {
	/** The same answer is put on record once. */
	answerId: string;
	at: number;
	durationMs: number;
	userId: string;
	projectId: string;
	connectionId: string;
	providerId: string;
	modelId: string;
	tokens: { input: number; cached: number; output: number; reasoning: number };
	priceUsd: number;
};

/** Puts on record what did not pass the gateway, by OpenCode's own count. */
export async function recordDirectUse(db: Db, uses: readonly DirectUse[]): Promise<void> {
	if (uses.length === 0) return;
	await db
		.insertInto('usage_records')
		.values(uses.map(toRow))
		.onConflict((conflict) => conflict.column('id').doNothing())
		.execute();
}

function toRow({ answerId, at, tokens, ...use }: DirectUse) {
	return {
		id: `direct-${use.projectId}-${answerId}`,
		at,
		day: dayOf(at),
		user_id: use.userId,
		project_id: use.projectId,
		connection_id: use.connectionId,
		provider_id: use.providerId,
		model_id: use.modelId,
		status: 200,
		input_tokens: tokens.input,
		cached_tokens: tokens.cached,
		output_tokens: tokens.output,
		reasoning_tokens: tokens.reasoning,
		price_micro_usd: Math.round(use.priceUsd * 1_000_000),
		duration_ms: use.durationMs,
	};
}
