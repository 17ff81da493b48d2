import type { Selectable, Updateable } from 'kysely';
import type { ConnectionTables } from './tables/connections.ts';
import type { PeopleTables } from './tables/people.ts';
import type { ProjectTables } from './tables/projects.ts';
import type { WorkTables } from './tables/work.ts';

/**
 * Columns are portable between SQLite and PostgreSQL: text ids that sort by age (`newId`), times in integer
 * milliseconds, JSON as text, booleans as 0 and 1. Each table has one owner room, named above it.
 */
export type DatabaseSchema = PeopleTables & ConnectionTables & ProjectTables & WorkTables;

export type Row<T extends keyof DatabaseSchema> = Selectable<DatabaseSchema[T]>;
export type RowUpdate<T extends keyof DatabaseSchema> = Updateable<DatabaseSchema[T]>;
