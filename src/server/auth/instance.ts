import type { Db } from '#server/db/client.ts';

/** A fact or setting of this installation; undefined when it was never set. */
export async function findInstanceValue(db: Db, name: string): Promise<string | undefined> {
	const row = await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst();
	return row?.value;
}

export async function saveInstanceValue(db: Db, name: string, value: string): Promise<void> {
	await db
		.insertInto('instance')
		.values({ name, value })
		.onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
		.execute();
}
