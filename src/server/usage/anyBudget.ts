import type { Db } from '../db/client.ts';

/** Whether anybody has set a budget at all. */
export async function hasBudgets(db: Db): Promise<boolean> {
	return (await db.selectFrom('budgets').select('id').limit(1).executeTakeFirst()) !== undefined;
}
