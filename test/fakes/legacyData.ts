import { argon2Sync } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The data folder of the application that doce replaces, as it was left behind: three people and their projects. */
export type LegacyData = {
	folder: string;
	file: string;
	/** Still open, with changes that are not written back: as if the old application ran. */
	database: DatabaseSync;
};

export const ADA = {
	id: 'usr_ada',
	username: 'Ada',
	password: 'ada lovelace 1815',
	key: 'sk-or-v1-ada-1234567890abcdef',
};
export const BOB = {
	id: 'usr_bob',
	username: 'bob b',
	password: 'bob builds bridges',
	key: 'sk-or-v1-bob-0987654321fedcba',
};
/** Without a key. */
export const CID = { id: 'usr_cid', username: 'cid', password: 'cid counts clouds', key: null };

export const MODEL = 'anthropic/claude-sonnet-4.5';
const T0 = 1_735_689_600;

const TABLES = `
create table users (id text primary key, created_at integer not null, username text not null unique, password_hash text not null);
create table sessions (id text primary key, user_id text not null, token_hash text not null unique, created_at integer not null, expires_at integer not null);
create table user_settings (user_id text primary key, openrouter_api_key text, default_model text, updated_at integer not null);
create table projects (id text primary key, owner_user_id text not null, created_at integer not null, deleted_at integer, name text not null,
	slug text not null unique, prompt text not null, model text, dev_port integer, opencode_port integer, status text not null,
	path_on_disk text not null, initial_prompt_sent integer not null default 0, initial_prompt_completed integer not null default 0,
	bootstrap_session_id text, user_prompt_message_id text, user_prompt_completed integer not null default 0,
	current_model_provider_id text, current_model_id text, production_port integer, production_url text, production_status text,
	production_started_at integer, production_error text, production_hash text);
create table queue_jobs (id text primary key, type text not null, state text not null, project_id text, payload_json text not null,
	priority integer not null default 0, attempts integer not null default 0, max_attempts integer not null default 3, run_at integer,
	locked_at integer, lock_expires_at integer, locked_by text, dedupe_key text, dedupe_active text, cancel_requested_at integer,
	cancelled_at integer, last_error text, created_at integer not null, updated_at integer not null);
create table queue_settings (id integer primary key, paused integer not null, concurrency integer not null, updated_at integer not null);
`;

/** Writes the whole data folder. `queueMegabytes` is the size of the queue's table. */
export function writeLegacyData(folder: string, { queueMegabytes = 1 }: { queueMegabytes?: number } = {}): LegacyData {
	mkdirSync(join(folder, 'projects'), { recursive: true });
	const file = join(folder, 'db.sqlite');
	const database = new DatabaseSync(file);
	database.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0;');
	database.exec(TABLES);
	fillQueue(database, queueMegabytes);
	database.exec('pragma wal_checkpoint(truncate)');
	addPeople(database);
	addProjects(database, folder);
	return { folder, file, database };
}

function fillQueue(database: DatabaseSync, megabytes: number): void {
	const payload = `'{"padding":"' || hex(zeroblob(32000)) || '"}'`;
	database.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${Math.ceil(megabytes * 16)})
		insert into queue_jobs (id, type, state, project_id, payload_json, created_at, updated_at)
		select 'job_' || i, 'opencode.sendInitialPrompt', 'succeeded', 'prj_bakery', ${payload}, ${T0}, ${T0} from n`);
}

function addPeople(database: DatabaseSync): void {
	for (const [at, person] of [ADA, BOB, CID].entries()) {
		const row = [person.id, T0 + at * 86_400, person.username, hash(person.password)];
		database.prepare('insert into users values (?, ?, ?, ?)').run(...row);
		const settings = [person.id, person.key, person === ADA ? MODEL : null, T0];
		database.prepare('insert into user_settings values (?, ?, ?, ?)').run(...settings);
		database
			.prepare('insert into sessions values (?, ?, ?, ?, ?)')
			.run(`ses_${at}`, person.id, `hash_${at}`, T0, T0 + 1e6);
	}
}

type Project = {
	id: string;
	owner: typeof ADA | typeof BOB | typeof CID;
	name: string;
	slug: string;
	path: string;
	deleted?: boolean;
	sent?: boolean;
	status?: string;
	model?: string | null;
};

function addProjects(database: DatabaseSync, folder: string): void {
	const projects: Project[] = [
		{ id: 'prj_bakery', owner: ADA, name: 'Bäckerei', slug: 'bäckerei-größe', path: 'projects/prj_bakery' },
		{ id: 'prj_moved', owner: ADA, name: 'Moved', slug: 'moved', path: '/app/data/projects/prj_moved' },
		{ id: 'prj_far', owner: BOB, name: 'Far', slug: 'far', path: join(folder, '..', 'elsewhere', 'far') },
		{ id: 'prj_gone', owner: BOB, name: 'Gone', slug: 'gone', path: 'projects/prj_gone', deleted: true },
		{
			id: 'prj_half',
			owner: CID,
			name: 'Half',
			slug: 'half',
			path: 'projects/prj_half',
			sent: false,
			status: 'created',
		},
		{ id: 'prj_hostile', owner: CID, name: 'Hostile', slug: 'hostile', path: '/etc' },
	];
	const insert = database.prepare(
		`insert into projects (id, owner_user_id, created_at, deleted_at, name, slug, prompt, model, dev_port, opencode_port, status,
		path_on_disk, initial_prompt_sent, initial_prompt_completed, current_model_provider_id, current_model_id)
		values (?, ?, ?, ?, ?, ?, ?, ?, 3001, 4001, ?, ?, ?, ?, ?, ?)`,
	);
	for (const [at, one] of projects.entries()) {
		const sent = one.sent === false ? 0 : 1;
		const deletedAt = one.deleted ? T0 + 9_000 : null;
		const model = one.owner === BOB ? [null, null] : ['openrouter', MODEL];
		const prompt = `A site about ${one.name}`;
		const base = [one.id, one.owner.id, T0 + 1_000 + at, deletedAt, one.name, one.slug, prompt, MODEL];
		insert.run(...base, one.status ?? 'running', one.path, sent, sent, ...model);
	}
	writeSite(join(folder, 'projects', 'prj_bakery'), ADA.key);
	writeSite(join(folder, 'projects', 'prj_moved'), ADA.key);
	writeSite(join(folder, '..', 'elsewhere', 'far'), BOB.key);
	writeSite(join(folder, 'projects', 'prj_gone'), BOB.key);
	addTraps(join(folder, 'projects', 'prj_bakery'));
}

function writeSite(folder: string, key: string): void {
	mkdirSync(join(folder, 'src/pages'), { recursive: true });
	mkdirSync(join(folder, 'node_modules/astro'), { recursive: true });
	writeFileSync(join(folder, 'package.json'), '{"name":"site","dependencies":{"astro":"^7.0.0"}}');
	writeFileSync(join(folder, 'src/pages/index.astro'), '<h1>From the old application</h1>');
	writeFileSync(join(folder, 'node_modules/astro/old.js'), 'old');
	writeFileSync(join(folder, '.env'), `DEV_PORT=3001\nOPENCODE_PORT=4001\nOPENROUTER_API_KEY=${key}\n`, {
		mode: 0o600,
	});
}

/** What a copy must not take along, or must not follow. */
function addTraps(folder: string): void {
	mkdirSync(join(folder, '.git'));
	writeFileSync(join(folder, '.git/config'), '[core]');
	mkdirSync(join(folder, 'public'));
	writeFileSync(join(folder, 'public/logo.svg'), '<svg/>');
	symlinkSync('/etc/hostname', join(folder, 'leak.txt'));
	symlinkSync('/etc', join(folder, 'public/etc'));
	symlinkSync('../public/logo.svg', join(folder, 'src/logo.svg'));
	writeFileSync(join(folder, 'docker-compose.yml'), `environment:\n  KEY: ${ADA.key}\n`);
	writeFileSync(join(folder, '.env.example'), 'OPENROUTER_API_KEY=\n');
}

/** With other costs than doce's own. */
function hash(password: string): string {
	const nonce = Buffer.from(`salt of ${password}`.padEnd(16).slice(0, 16));
	const costs = { memory: 8_192, passes: 3, parallelism: 4 };
	const tag = argon2Sync('argon2id', { message: password, nonce, tagLength: 32, ...costs });
	const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
	return `$argon2id$v=19$m=8192,t=3,p=4$${text(nonce)}$${text(tag)}`;
}
