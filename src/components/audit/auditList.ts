import type { AuditEntryView } from '#shared/audit.ts';

/** Entries asked for at a time; fewer in an answer mean that there are no older ones. */
export const PAGE = 50;

/** New entries in front of those that are shown. A full page that joins nowhere replaces them: there is a gap between. */
export function withNewest(shown: AuditEntryView[], page: AuditEntryView[]): AuditEntryView[] {
	const known = new Set(shown.map(({ id }) => id));
	if (page.length >= PAGE && !page.some(({ id }) => known.has(id))) return page;
	return [...page.filter(({ id }) => !known.has(id)), ...shown];
}
