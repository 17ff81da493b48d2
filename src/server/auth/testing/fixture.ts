import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, databaseFile, openDatabase } from '#server/db/client.ts';
import type { Secret } from '#server/secret.ts';
import type { Person } from '../connectionChanges.ts';
import { openCredential } from '../connections.ts';
import type { DirectoryProvider, ProviderDirectory } from '../input/directory.ts';
import { type Keyring, openKeyring } from '../keys/keyring.ts';

/** A data folder with a real database, for tests. */
export type Fixture = {
	dir: string;
	db: Db;
	keyFile: string;
	/** Opens the keyring as a start of doce does. */
	openKeys(options?: { file?: string; key?: Secret }): Promise<Keyring>;
	close(): Promise<void>;
};

export const ADA: Person = { id: 'u-ada', role: 'admin', actor: 'user:u-ada' };
export const BOB: Person = { id: 'u-bob', role: 'member', actor: 'token:t-bob' };

export async function openFixture(): Promise<Fixture> {
	const dir = mkdtempSync(join(tmpdir(), 'doce-auth-'));
	const database = await openDatabase(databaseFile(dir));
	const keyFile = join(dir, 'keys', 'master.key');
	await addPeople(database.db);
	return {
		dir,
		db: database.db,
		keyFile,
		openKeys: ({ file = keyFile, key } = {}) => openKeyring(database.db, { masterKeyFile: file, masterKey: key }),
		close: async () => {
			await database.close();
			rmSync(dir, { recursive: true });
		},
	};
}

async function addPeople(db: Db): Promise<void> {
	const people = [ADA, BOB].map(({ id, role }) => ({
		id,
		name: id,
		email: `${id}@localhost`,
		email_verified: 0,
		username: id,
		role,
		created_at: new Date().toISOString(),
		updated_at: new Date().toISOString(),
	}));
	await db.insertInto('users').values(people).execute();
}

/** A catalogue with these providers in it. */
export function directoryOf(...providers: DirectoryProvider[]): ProviderDirectory {
	return { find: async (id) => providers.find((provider) => provider.id === id) };
}

export const ANTHROPIC: DirectoryProvider = {
	id: 'anthropic',
	name: 'Anthropic',
	npm: '@ai-sdk/anthropic',
	api: null,
	models: [{ id: 'fake-1', name: 'Fake 1' }],
	authMethods: [{ type: 'api' }],
};
export const OPENAI: DirectoryProvider = { ...ANTHROPIC, id: 'openai', name: 'OpenAI', npm: '@ai-sdk/openai' };
export const COPILOT: DirectoryProvider = {
	...ANTHROPIC,
	id: 'github-copilot',
	name: 'GitHub Copilot',
	authMethods: [{ type: 'oauth' }],
};

/** Opens a connection that holds a key, as a project's OpenCode would get it. */
export async function openKey(db: Db, keyring: Keyring, connectionId: string) {
	const { auth, headers } = await openCredential(db, keyring, connectionId);
	if (auth.type !== 'api') throw new Error('That connection is a sign-in.');
	return { key: auth.key.reveal(), metadata: auth.metadata, headers };
}
