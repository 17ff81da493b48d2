import type { CatalogModel } from '../../opencode/catalogModels.ts';
import { createMeter, type Meter } from '../../usage/meter.ts';
import { priceOf, type UsedCall } from '../../usage/records.ts';
import type { Tokens } from '../../usage/wireUsage.ts';
import type { Route } from '../wire/routes.ts';
import type { Asked } from '../wire/wish.ts';
import type { Admitted } from './admit.ts';
import { costOf } from './directory.ts';

/** What is known of the size of what is sent, in bytes. */
export type Sent = {
	/** What has come of it by now. */
	size(): number;
	/** What it will be in the end, where its sender says so. */
	told: number | undefined;
	/** Whether all of it has come: with less a provider cannot begin. */
	isWhole(): boolean;
};

/** About four bytes are a token. */
const BYTES_OF_TOKEN = 4;
/** So much is held for an answer that is still to come, in tokens: more than most turn out to be. */
const USUAL_OUTPUT = 4_000;

const NOTHING: Tokens = { input: 0, cacheWrites: 0, cached: 0, output: 0, reasoning: 0 };

/** Keeps count of a call as it goes by. */
export function createTally({ token, connection, known }: Admitted, route: Route, asked: Asked, sent: Sent) {
	const startedAt = Date.now();
	const isCharged = route.kind === 'generate' || route.kind === 'embed';
	let status = 0;
	let meter: Meter | undefined;

	const modelOf = (): string | undefined => route.model ?? asked.model;
	const costNow = (): CatalogModel['cost'] => costOf(known, modelOf());

	function tokens(): Tokens {
		const told = meter?.result();
		if (told !== undefined) return told;
		// Whoever ends a call before its usage is told has used it all the same, and so has who never saw it begin.
		const isOpen = status < 300 && sent.isWhole();
		if (!isOpen || route.kind !== 'generate') return NOTHING;
		return { ...NOTHING, input: toTokens(sent.size()), output: meter?.estimate() ?? 0 };
	}

	return {
		projectId: token.project_id,
		connectionId: connection.id,
		/** What it may come to cost, in millionths of a dollar. */
		price(): number {
			if (!isCharged) return 0;
			const output = route.kind === 'generate' ? Math.max(USUAL_OUTPUT, meter?.estimate() ?? 0) : 0;
			return priceOf({ ...NOTHING, input: toTokens(Math.max(sent.told ?? 0, sent.size())), output }, costNow());
		},
		onAnswer(given: number, isStream: boolean): void {
			status = given;
			if (given < 300) meter = createMeter(route.format, isStream);
		},
		onChunk: (chunk: Buffer): void => meter?.push(chunk),
		record: (): UsedCall => ({
			at: startedAt,
			userId: token.user_id,
			projectId: token.project_id,
			connectionId: connection.id,
			providerId: connection.provider_id,
			modelId: (modelOf() ?? 'unknown').slice(0, 200),
			status,
			durationMs: Date.now() - startedAt,
			tokens: tokens(),
			cost: costNow(),
		}),
	};
}

function toTokens(bytes: number): number {
	return Math.round(bytes / BYTES_OF_TOKEN);
}
