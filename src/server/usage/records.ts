import { type Db, inTransaction } from '../db/client.ts';
import { newId } from '../db/id.ts';
import type { CatalogModel } from '../opencode/catalogModels.ts';
import type { Tokens } from './wireUsage.ts';

/** One call to a provider, as it ended. */
export type UsedCall = {
	/** Epoch milliseconds. */
	at: number;
	userId: string;
	projectId: string;
	connectionId: string;
	providerId: string;
	modelId: string;
	/** The provider's HTTP status; 0 when it gave none. */
	status: number;
	durationMs: number;
	tokens: Tokens;
	/** By the catalogue; undefined where it has no price. */
	cost: CatalogModel['cost'];
};

/** A statement takes only so many values. */
const MOST_AT_ONCE = 50;

/** Notes what calls used, and what that cost by the catalogue. */
export async function recordUsage(db: Db, calls: readonly UsedCall[]): Promise<void> {
	if (calls.length === 0) return;
	await inTransaction(db, async (tx) => {
		for (let at = 0; at < calls.length; at += MOST_AT_ONCE) {
			const rows = calls.slice(at, at + MOST_AT_ONCE).map(toRow);
			await tx.insertInto('usage_records').values(rows).execute();
		}
	});
}

/** In millionths of a US dollar, which is what one token costs that the catalogue prices at a dollar for a million. */
export function priceOf(tokens: Tokens, cost: CatalogModel['cost']): number {
	if (cost === undefined) return 0;
	const isLong = tokens.input + tokens.cached > LONG_CONTEXT;
	const price = (isLong ? cost.context_over_200k : undefined) ?? cost;
	const sum =
		(tokens.input - tokens.cacheWrites) * price.input +
		tokens.cacheWrites * (price.cache_write ?? price.input) +
		tokens.cached * (price.cache_read ?? price.input) +
		(tokens.output + tokens.reasoning) * price.output;
	return Math.round(sum);
}

/** From so many tokens on some models cost more. */
const LONG_CONTEXT = 200_000;

function toRow({ at, tokens, cost, ...call }: UsedCall) {
	return {
		id: newId(),
		at,
		day: new Date(at).toISOString().slice(0, 10),
		user_id: call.userId,
		project_id: call.projectId,
		connection_id: call.connectionId,
		provider_id: call.providerId,
		model_id: call.modelId,
		status: call.status,
		input_tokens: tokens.input,
		cached_tokens: tokens.cached,
		output_tokens: tokens.output,
		reasoning_tokens: tokens.reasoning,
		price_micro_usd: priceOf(tokens, cost),
		duration_ms: call.durationMs,
	};
}
