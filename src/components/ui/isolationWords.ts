import type { Isolation } from '#shared/projects.ts';

type Level = Isolation['level'];

/** What each level is called, wherever it is shown. */
export const ISOLATION_WORDS: Record<Level, string> = {
	isolated: 'Isolated',
	partly: 'Partly isolated',
	not: 'Not isolated on this machine',
};

/** What follows for keys; null where nothing is missing. */
export const ISOLATION_CONSEQUENCES: Record<Level, string | null> = {
	isolated: null,
	partly:
		'Projects still see no files but their own, so a key can stay outside them. The fence is weaker than it could be.',
	not: 'An agent could read what doce itself can read, so a key that stays outside projects is not safe from it here.',
};

/** Whether a key that is not copied into a project is out of its reach: only behind a fence, be it a weaker one. */
export function keepsKeysOutside(level: Level): boolean {
	return level !== 'not';
}
