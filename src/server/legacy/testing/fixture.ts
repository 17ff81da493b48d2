import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LegacyReport, legacyReport } from '#shared/legacy.ts';
import { type LegacyData, writeLegacyData } from '../../../../test/fakes/legacyData.ts';
import { type Keyring, openKeyring } from '../../auth/keys/keyring.ts';
import { type Db, databaseFile, openDatabase } from '../../db/client.ts';
import type { Row } from '../../db/schema.ts';
import { createSignIn, type SignIn } from '../../users/signIn.ts';
import { importLegacy } from '../importLegacy.ts';

/** A data folder of doce's own beside one of the old application, for tests. */
export type Fixture = {
	root: string;
	dataDir: string;
	db: Db;
	keyring: Keyring;
	/** Opens the keyring as a start of doce does. */
	openKeys(): Promise<Keyring>;
	signIn: SignIn;
	old: LegacyData;
	/** Writes the old data anew. */
	rewriteOld(options: { queueMegabytes: number }): void;
	run(options?: { path?: string; matchUsers?: boolean }): Promise<LegacyReport>;
	/** All rows that an import may write, but for the audit trail. */
	everything(): Promise<unknown[][]>;
	projectNamed(name: string): Promise<Row<'projects'>>;
	close(): Promise<void>;
};

const WRITTEN = ['users', 'accounts', 'user_settings', 'projects', 'messages', 'jobs', 'legacy_imports'] as const;

export async function openFixture(): Promise<Fixture> {
	const root = mkdtempSync(join(tmpdir(), 'doce-legacy-'));
	const dataDir = join(root, 'doce');
	const database = await openDatabase(databaseFile(dataDir));
	const { db } = database;
	const openKeys = () => openKeyring(db, { masterKeyFile: join(dataDir, 'keys/master.key'), masterKey: undefined });
	const publicUrl = new URL('http://localhost:4321');
	const writeOld = (options = {}) => writeLegacyData(join(root, 'old', 'data'), options);
	const fixture: Fixture = {
		root,
		dataDir,
		db,
		keyring: await openKeys(),
		openKeys,
		signIn: createSignIn({ db, secret: 'a secret of sufficient length', publicUrl }),
		old: writeOld(),
		rewriteOld(options) {
			fixture.old.database.close();
			rmSync(join(root, 'old'), { recursive: true });
			fixture.old = writeOld(options);
		},
		async run({ path = fixture.old.folder, matchUsers = false } = {}) {
			const input = { path, matchUsers };
			return legacyReport.parse(await importLegacy(fixture, input, { runtime: 'process', actor: 'doce' }));
		},
		everything: () => Promise.all(WRITTEN.map((table) => db.selectFrom(table).selectAll().execute())),
		projectNamed: (name) => db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirstOrThrow(),
		async close() {
			fixture.old.database.close();
			await database.close();
			rmSync(root, { recursive: true });
		},
	};
	return fixture;
}
