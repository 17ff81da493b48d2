import type { ImportedPerson, ImportedProjectLine } from '#shared/legacy.ts';

type Words = { tone: 'ok' | 'off' | 'warn'; words: string };

/** How somebody fared, in a few words. */
export function personWords({ outcome, key, username, role }: ImportedPerson): Words {
	if (outcome === 'unchanged') return { tone: 'off', words: 'Here already' };
	if (outcome === 'removed') return { tone: 'off', words: 'Removed here since' };
	const whom = `${outcome === 'matched' ? 'Is' : 'Signs in as'} ${username ?? ''}${role === 'admin' ? ', admin' : ''}`;
	if (key === 'refused') return { tone: 'warn', words: `${whom} · key not taken over` };
	const keyWords = { sealed: 'key encrypted', kept: 'key encrypted', removed: 'key removed', none: 'no key' }[key];
	return { tone: 'ok', words: `${whom} · ${keyWords}` };
}

/** How a project fared, in a few words. */
export function projectWords({ outcome, workspace }: ImportedProjectLine): Words {
	if (outcome === 'unchanged') return { tone: 'off', words: 'Here already' };
	if (outcome === 'removed') return { tone: 'off', words: 'Removed here since' };
	if (outcome === 'skipped') return { tone: 'warn', words: 'Not imported' };
	if (workspace === 'copied') return { tone: 'ok', words: 'With its files' };
	return { tone: 'warn', words: workspace === 'missing' ? 'Files not found' : 'Files not taken' };
}
