import { isAbsolute, relative, sep } from 'node:path';

/** Whether `inner` is `outer` or below it; both absolute and without links. */
export function contains(outer: string, inner: string): boolean {
	const way = relative(outer, inner);
	return way === '' || (!isAbsolute(way) && way.split(sep)[0] !== '..');
}

/** The system's code of an error, such as `ENOENT`; empty for an error without one. */
export function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether an error says that something is gone, may not be read, or is not what it was a moment ago. */
export function isUnreadable(error: unknown): boolean {
	return ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG'].includes(codeOf(error));
}
