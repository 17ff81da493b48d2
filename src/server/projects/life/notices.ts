import { LIMIT_FIELDS, type LimitName, type LimitValues, limitWords } from '#shared/limits.ts';
import type { Notice } from '#shared/projects.ts';
import type { Db } from '../../db/client.ts';
import { findUserById } from '../../users/users.ts';
import type { Project } from '../projects.ts';
import { limitsOf } from './limits.ts';
import { getRuntimeSettings, limitBounds } from './settings.ts';

/** What a project's person should know of a limit that it ran into, with the way to raise it. */
export async function limitNotices(db: Db, project: Project): Promise<Notice[]> {
	const { reached: limit, status } = project;
	if (limit === null) return [];
	const field = LIMIT_FIELDS[limit];
	const value = (await limitsOf(db, project))[field];
	const raised = Math.min(value * 2, limitBounds()[field].max, await mostFor(db, project, field));
	const raiseTo = raised > value ? raised : null;
	const message = `${words(limit, value)}${status === 'stopped' ? ' and was stopped' : ''}.`;
	const level = status === 'stopped' || status === 'error' ? 'error' : 'warn';
	return [{ level, message, action: 'raise', reached: { limit, raiseTo } }];
}

/** What its person may give it: who is no admin, no more than all projects have. */
async function mostFor(db: Db, { user_id }: Project, field: keyof LimitValues): Promise<number> {
	const user = await findUserById(db, user_id);
	return user?.role === 'admin' ? Number.POSITIVE_INFINITY : (await getRuntimeSettings(db)).defaults[field];
}

function words(limit: LimitName, value: number): string {
	if (limit === 'memory') return `The project ran out of its ${limitWords(limit, value)} of memory`;
	return `The project has used its ${limitWords(limit, value)}${limit === 'disk' ? ' of disk' : ''}`;
}
