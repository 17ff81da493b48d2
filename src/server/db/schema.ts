import type { Selectable, Updateable } from 'kysely';
import type { ConnectionTables } from './tables/connections.ts';
import type { PeopleTables } from './tables/people.ts';
import type { ProjectTables } from './tables/projects.ts';
import type { QueueTables } from './tables/queue.ts';

/**
 * Columns are portable between SQLite and PostgreSQL: text ids that sort by age (`newId`), times in integer
 * milliseconds, JSON as text, booleans as 0 and 1.
 */
export type DatabaseSchema = PeopleTables & ConnectionTables & ProjectTables & QueueTables;

export type Row<T extends keyof DatabaseSchema> = Selectable<DatabaseSchema[T]>;
export type RowUpdate<T extends keyof DatabaseSchema> = Updateable<DatabaseSchema[T]>;
