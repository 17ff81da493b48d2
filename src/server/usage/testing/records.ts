import type { Db } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import type { Row } from '#server/db/schema.ts';
import { dayOf } from '../periods.ts';

/** Puts a call to a provider on record, for tests. `usd` is what it cost; `at` in ms. */
export async function addRecord(
	db: Db,
	{ usd = 0, at = Date.now(), ...more }: Partial<Row<'usage_records'>> & { usd?: number },
): Promise<void> {
	await db
		.insertInto('usage_records')
		.values({
			id: newId(),
			at,
			day: dayOf(at),
			user_id: 'u-ada',
			project_id: 'p1',
			connection_id: 'c1',
			provider_id: 'anthropic',
			model_id: 'sonnet-1',
			status: 200,
			price_micro_usd: Math.round(usd * 1_000_000),
			...more,
		})
		.execute();
}
