import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { realLife } from './0002-real-life.ts';
import { sealed } from './0003-sealed.ts';
import { budgetIndexes } from './0004-budget-indexes.ts';
import { life } from './0005-life.ts';

/** Every migration, by name, in order. A migration that has landed is never edited. */
export const migrations: Record<string, Migration> = {
	'0001-initial': initial,
	'0002-real-life': realLife,
	'0003-sealed': sealed,
	'0004-budget-indexes': budgetIndexes,
	'0005-life': life,
};
