import { LIMIT_FIELDS, type LimitName, limitWords } from '#shared/limits.ts';
import type { Notice } from '#shared/projects.ts';
import type { Db } from '../../db/client.ts';
import type { Project } from '../projects.ts';
import { limitsOf } from './limits.ts';
import { limitBounds } from './settings.ts';

/** What a project's person should know of a limit that it ran into, with the way to raise it. */
export async function limitNotices(db: Db, project: Project): Promise<Notice[]> {
	const { reached: limit, status } = project;
	if (limit === null) return [];
	const field = LIMIT_FIELDS[limit];
	const value = (await limitsOf(db, project))[field];
	const raised = Math.min(value * 2, limitBounds()[field].max);
	const raiseTo = raised > value ? raised : null;
	const isStopped = status === 'stopped' || status === 'error';
	const message = `${words(limit, value)}${isStopped ? ' and was stopped' : ''}.`;
	return [{ level: isStopped ? 'error' : 'warn', message, action: 'raise', reached: { limit, raiseTo } }];
}

function words(limit: LimitName, value: number): string {
	if (limit === 'memory') return `The project ran out of its ${limitWords(limit, value)} of memory`;
	return `The project has used its ${limitWords(limit, value)}${limit === 'disk' ? ' of disk' : ''}`;
}
