import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import { AppError } from '#server/errors.ts';
import { type Binding, decrypt, encrypt, lengthPrefixed, open, type SealingKeys, seal } from '../credentials.ts';
import {
	createMasterKey,
	findMasterKey,
	type MasterKey,
	type MasterKeySearch,
	type MasterKeySource,
} from './masterKey.ts';

type KeyringState =
	| { kind: 'ready'; masterKeyId: string }
	| {
			kind: 'locked';
			/** The master key that the stored credentials need; undefined when even that is not known. */
			expectedKeyId: string | undefined;
			foundKeyId: string | undefined;
			file: string;
			/** What is wrong and the three ways out, for the page and the log. */
			message: string;
	  };

export type Keyring = SealingKeys & {
	readonly state: KeyringState;
	/** 32 bytes for a purpose of their own, such as signing cookies; the same at every start while the master key is. */
	derive(purpose: string): Buffer;
	/** Reads the data keys again: another process may have added one. */
	reload(db: Db): Promise<void>;
	/** Adds a data key and makes it the active one; takes effect here with `reload`. */
	addDataKey(db: Db): Promise<void>;
};

type DataKeys = { activeId: string; keys: Map<string, KeyObject>; fingerprintKey: KeyObject };

const CHECK_TEXT = 'doce opens what doce sealed';

/**
 * Opens the keys of this installation. An empty one gets a master key and a data key; as long as sealed
 * credentials exist nothing is ever made anew: with the key missing or wrong the keyring comes back locked.
 */
export async function openKeyring(db: Db, source: MasterKeySource): Promise<Keyring> {
	return inTransaction(db, async (tx) => {
		const instanceId = await ensureInstanceId(tx);
		const search = findMasterKey(source);
		const expected = await expectedKeyId(tx);
		if (search.kind === 'found' && search.key.id === expected) {
			const loaded = await loadDataKeys(tx, instanceId, search.key);
			if (loaded !== undefined) return readyKeyring(instanceId, search.key, loaded);
		}
		if (search.kind === 'unusable' || (await hasSealedRows(tx))) {
			return lockedKeyring(instanceId, search, lockedState(search, expected, source));
		}
		const master = search.kind === 'found' ? search.key : createMasterKey(source.masterKeyFile);
		return readyKeyring(instanceId, master, await startAfresh(tx, instanceId, master));
	});
}

/** The message of a locked keyring; undefined when it is open. */
export function lockedMessage(keyring: Keyring): string | undefined {
	return keyring.state.kind === 'locked' ? keyring.state.message : undefined;
}

async function ensureInstanceId(db: Db): Promise<string> {
	const known = await db.selectFrom('instance').select('value').where('name', '=', 'id').executeTakeFirst();
	if (known !== undefined) return known.value;
	const value = newId();
	await db.insertInto('instance').values({ name: 'id', value }).execute();
	return value;
}

async function expectedKeyId(db: Db): Promise<string | undefined> {
	const newest = await db
		.selectFrom('data_keys')
		.select('master_key_id')
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	return newest?.master_key_id;
}

async function hasSealedRows(db: Db): Promise<boolean> {
	const connection = db
		.selectFrom('provider_connections')
		.select('id')
		.where('sealed_credential', 'is not', null)
		.limit(1);
	if ((await connection.executeTakeFirst()) !== undefined) return true;
	const legacy = db.selectFrom('user_settings').select('user_id').where('openrouter_api_key', 'is not', null).limit(1);
	return (await legacy.executeTakeFirst()) !== undefined;
}

/** undefined when a data key, the fingerprint key or the check string does not open. */
async function loadDataKeys(db: Db, instanceId: string, master: MasterKey): Promise<DataKeys | undefined> {
	const rows = await db.selectFrom('data_keys').selectAll().orderBy('id').execute();
	const keys = new Map<string, KeyObject>();
	for (const row of rows) {
		const bytes = decrypt(
			keyEncryptionKey(instanceId, master),
			Buffer.from(row.wrapped, 'base64url'),
			wrapping(instanceId, row.id),
		);
		if (bytes === undefined) return undefined;
		keys.set(row.id, createSecretKey(bytes));
	}
	const activeId = rows.findLast((row) => row.state === 'active')?.id;
	if (activeId === undefined) return undefined;
	const opener = openerOf(instanceId, keys);
	const check = await readInstanceSecret(db, opener, 'check');
	const fingerprintText = await readInstanceSecret(db, opener, 'fingerprint_key');
	if (check !== CHECK_TEXT || fingerprintText === undefined) return undefined;
	return { activeId, keys, fingerprintKey: createSecretKey(Buffer.from(fingerprintText, 'base64url')) };
}

async function readInstanceSecret(db: Db, keys: SealingKeys, name: string): Promise<string | undefined> {
	const row = await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst();
	if (row === undefined) return undefined;
	try {
		return open(keys, row.value, instanceBinding(name)).reveal();
	} catch (error) {
		if (error instanceof AppError) return undefined;
		throw error;
	}
}

/** First keys, or new ones where the old protect nothing. */
async function startAfresh(db: Db, instanceId: string, master: MasterKey): Promise<DataKeys> {
	await db.deleteFrom('data_keys').execute();
	await db.deleteFrom('instance').where('name', 'in', ['check', 'fingerprint_key']).execute();
	const { id, key } = await insertDataKey(db, instanceId, master);
	const fingerprintBytes = randomBytes(32);
	const loaded = { activeId: id, keys: new Map([[id, key]]), fingerprintKey: createSecretKey(fingerprintBytes) };
	const keys = { ...openerOf(instanceId, loaded.keys), activeKey: () => ({ id, key }) };
	const values = [
		{ name: 'check', value: seal(keys, CHECK_TEXT, instanceBinding('check')) },
		{
			name: 'fingerprint_key',
			value: seal(keys, fingerprintBytes.toString('base64url'), instanceBinding('fingerprint_key')),
		},
	];
	await db.insertInto('instance').values(values).execute();
	return loaded;
}

async function insertDataKey(db: Db, instanceId: string, master: MasterKey): Promise<{ id: string; key: KeyObject }> {
	const id = newId();
	const bytes = randomBytes(32);
	const wrapped = encrypt(keyEncryptionKey(instanceId, master), bytes, wrapping(instanceId, id)).toString('base64url');
	await db.updateTable('data_keys').set({ state: 'decrypt_only' }).where('state', '=', 'active').execute();
	const row = { id, wrapped, master_key_id: master.id, state: 'active' as const, created_at: Date.now() };
	await db.insertInto('data_keys').values(row).execute();
	return { id, key: createSecretKey(bytes) };
}

function readyKeyring(instanceId: string, master: MasterKey, first: DataKeys): Keyring {
	let loaded = first;
	return {
		instanceId,
		state: { kind: 'ready', masterKeyId: master.id },
		activeKey: () => ({ id: loaded.activeId, key: loaded.keys.get(loaded.activeId) as KeyObject }),
		dataKey: (id) => loaded.keys.get(id),
		fingerprintKey: () => loaded.fingerprintKey,
		derive: (purpose) => deriveFrom(master.material, instanceId, `derive/${purpose}`),
		reload: async (db) => {
			const next = await loadDataKeys(db, instanceId, master);
			if (next === undefined)
				throw new AppError('unavailable', 'The stored data keys no longer open. Restart doce to see why.');
			loaded = next;
		},
		addDataKey: async (db) => void (await insertDataKey(db, instanceId, master)),
	};
}

function lockedKeyring(instanceId: string, search: MasterKeySearch, state: KeyringState & { kind: 'locked' }): Keyring {
	const refuse = (): never => {
		throw new AppError('unavailable', state.message);
	};
	const material = search.kind === 'found' ? search.key.material : createSecretKey(randomBytes(32));
	return {
		instanceId,
		state,
		activeKey: refuse,
		dataKey: refuse,
		fingerprintKey: refuse,
		derive: (purpose) => deriveFrom(material, instanceId, `derive/${purpose}`),
		reload: async () => refuse(),
		addDataKey: async () => refuse(),
	};
}

function lockedState(
	search: MasterKeySearch,
	expected: string | undefined,
	source: MasterKeySource,
): KeyringState & { kind: 'locked' } {
	const file = source.masterKeyFile;
	const foundKeyId = search.kind === 'found' ? search.key.id : undefined;
	const place = source.masterKey === undefined ? file : 'DOCE_MASTER_KEY';
	const message = [
		'Stored credentials are locked.',
		faultOf(search, place, expected),
		`Ways out: put the right key back into ${file}; or let DOCE_MASTER_KEY_FILE name the file that holds it;`,
		'or give the stored credentials up with "npm run doce -- keys reset --forget-credentials". Then restart doce.',
	];
	return { kind: 'locked', expectedKeyId: expected, foundKeyId, file, message: message.join(' ') };
}

function faultOf(search: MasterKeySearch, place: string, expected: string | undefined): string {
	const wanted =
		expected === undefined ? 'an encryption key that is not known any more' : `the encryption key ${expected}`;
	if (search.kind === 'unusable') return `They need ${wanted}, but ${search.problem}`;
	if (search.kind === 'missing') return `They need ${wanted}, but ${place} is missing.`;
	if (search.key.id !== expected) return `They need ${wanted}, but ${place} holds ${search.key.id}.`;
	return `${place} holds the right key ${expected}, but the data keys in the database are damaged: restore a backup.`;
}

function openerOf(instanceId: string, keys: Map<string, KeyObject>): SealingKeys {
	const notHere = (): never => {
		throw new Error('Only opening is possible before the keyring is ready.');
	};
	return { instanceId, dataKey: (id) => keys.get(id), activeKey: notHere, fingerprintKey: notHere };
}

/** What the instance's own sealed facts are bound to. */
export function instanceBinding(name: string): Binding {
	return { purpose: 'instance', table: 'instance', row: name, owner: '', provider: '', field: 'value' };
}

function keyEncryptionKey(instanceId: string, master: MasterKey): KeyObject {
	return createSecretKey(deriveFrom(master.material, instanceId, 'key-encryption-key'));
}

function wrapping(instanceId: string, dataKeyId: string): Buffer {
	return lengthPrefixed(['data-key', instanceId, dataKeyId]);
}

function deriveFrom(material: KeyObject, instanceId: string, info: string): Buffer {
	return Buffer.from(hkdfSync('sha256', material, instanceId, `doce/${info}`, 32));
}
