import { type Db, inTransaction } from '#server/db/client.ts';
import { credentialBinding, open, seal, sealedWith } from '../credentials.ts';
import { legacyKeyBinding } from '../legacy/legacyKey.ts';
import { instanceBinding, type Keyring } from './keyring.ts';

/**
 * Makes a new data key and seals every stored secret with it, `batch` rows per transaction. Interrupted, it leaves
 * everything readable; called again, it finishes the unfinished rotation and starts no second one.
 * Retired keys are kept: a process that has not noticed yet may still seal with one.
 */
export async function rotateDataKey(
	db: Db,
	keyring: Keyring,
	batch = 100,
): Promise<{ resealed: number; resumed: boolean }> {
	const resumed = await inTransaction(db, async (tx) => {
		const unfinished = await tx
			.selectFrom('data_keys')
			.select('id')
			.where('state', '=', 'decrypt_only')
			.executeTakeFirst();
		if (unfinished === undefined) await keyring.addDataKey(tx);
		return unfinished !== undefined;
	});
	await keyring.reload(db);
	let resealed = 0;
	for (const source of SOURCES) resealed += await resealSource(db, keyring, source, batch);
	await db.updateTable('data_keys').set({ state: 'retired' }).where('state', '=', 'decrypt_only').execute();
	return { resealed, resumed };
}

/**
 * The way out of lost keys: forgets every stored credential and all data keys, so that the next start makes new
 * ones. Connections stay, and ask for their key again. Returns how many credentials were forgotten.
 */
export async function forgetCredentials(db: Db): Promise<number> {
	return inTransaction(db, async (tx) => {
		const forgotten = await tx
			.updateTable('provider_connections')
			.set((eb) => ({
				sealed_credential: null,
				api_key_hash: null,
				last_four: null,
				status: 'error' as const,
				reason: 'disconnected' as const,
				error_message: 'The key was given up with the old encryption key: replace it.',
				version: eb('version', '+', 1),
				updated_at: Date.now(),
			}))
			.where('sealed_credential', 'is not', null)
			.executeTakeFirst();
		await tx.updateTable('user_settings').set({ openrouter_api_key: null }).execute();
		await tx.deleteFrom('data_keys').execute();
		return Number(forgotten.numUpdatedRows);
	});
}

type SealedText = { id: string; blob: string; binding: Parameters<typeof seal>[2] };

type Source = {
	/** Sealed texts with an id above `after`, in order of id. */
	list(db: Db, after: string, limit: number): Promise<SealedText[]>;
	replace(db: Db, id: string, blob: string): Promise<unknown>;
};

const SOURCES: Source[] = [
	{
		list: async (db, after, limit) => {
			const rows = await db
				.selectFrom('provider_connections')
				.select(['id', 'user_id', 'provider_id', 'sealed_credential'])
				.where('sealed_credential', 'is not', null)
				.where('id', '>', after)
				.orderBy('id')
				.limit(limit)
				.execute();
			return rows.map((row) => ({ id: row.id, blob: row.sealed_credential ?? '', binding: credentialBinding(row) }));
		},
		replace: (db, id, blob) =>
			db.updateTable('provider_connections').set({ sealed_credential: blob }).where('id', '=', id).execute(),
	},
	{
		list: async (db, after, limit) => {
			const rows = await db
				.selectFrom('user_settings')
				.select(['user_id', 'openrouter_api_key'])
				.where('openrouter_api_key', 'is not', null)
				.where('user_id', '>', after)
				.orderBy('user_id')
				.limit(limit)
				.execute();
			return rows.map((row) => ({
				id: row.user_id,
				blob: row.openrouter_api_key ?? '',
				binding: legacyKeyBinding(row.user_id),
			}));
		},
		replace: (db, id, blob) =>
			db.updateTable('user_settings').set({ openrouter_api_key: blob }).where('user_id', '=', id).execute(),
	},
	{
		list: async (db, after, limit) => {
			const rows = await db
				.selectFrom('instance')
				.selectAll()
				.where('name', 'in', ['check', 'fingerprint_key'])
				.where('name', '>', after)
				.orderBy('name')
				.limit(limit)
				.execute();
			return rows.map((row) => ({ id: row.name, blob: row.value, binding: instanceBinding(row.name) }));
		},
		replace: (db, id, blob) => db.updateTable('instance').set({ value: blob }).where('name', '=', id).execute(),
	},
];

async function resealSource(db: Db, keyring: Keyring, source: Source, batch: number): Promise<number> {
	let resealed = 0;
	let after = '';
	for (;;) {
		const from = after;
		const texts = await inTransaction(db, async (tx) => {
			const found = await source.list(tx, from, batch);
			for (const text of found) resealed += await resealText(tx, keyring, source, text);
			return found;
		});
		const last = texts.at(-1);
		if (last === undefined) return resealed;
		after = last.id;
	}
}

async function resealText(tx: Db, keyring: Keyring, source: Source, text: SealedText): Promise<number> {
	if (sealedWith(text.blob) === keyring.activeKey().id) return 0;
	const secret = open(keyring, text.blob, text.binding);
	await source.replace(tx, text.id, seal(keyring, secret.reveal(), text.binding));
	return 1;
}
