import type { JobState, Lane, LogLevel } from '#shared/queue.ts';

/** What is to be done, and what was. */
export type WorkTables = {
	jobs: JobsTable;
	job_events: JobEventsTable;
	queue_settings: QueueSettingsTable;
	audit_entries: AuditEntriesTable;
};

/** queue: the truth about durable work, whichever engine decides when it runs. */
type JobsTable = {
	id: string;
	type: string;
	lane: Lane;
	state: JobState;
	project_id: string | null;
	user_id: string | null;
	/** JSON: ids only. */
	payload: string;
	priority: number;
	attempts: number;
	max_attempts: number;
	run_at: number;
	leased_by: string | null;
	lease_until: number | null;
	dedupe_key: string | null;
	cancel_requested_at: number | null;
	waiting_for_connection_id: string | null;
	last_error: string | null;
	created_at: number;
	started_at: number | null;
	finished_at: number | null;
	updated_at: number;
};

type JobEventsTable = {
	id: string;
	job_id: string;
	at: number;
	level: LogLevel;
	message: string;
};

type QueueSettingsTable = { id: string; paused: number; updated_at: number };

/** audit */
type AuditEntriesTable = {
	id: string;
	at: number;
	/** `user:<id>`, `token:<id>` or `doce`. */
	actor: string;
	/** Whose connection or project it concerns. */
	user_id: string | null;
	action: string;
	connection_id: string | null;
	project_id: string | null;
	job_id: string | null;
	/** JSON; nothing secret. */
	detail: string;
};
