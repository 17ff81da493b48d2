import type { Logger } from '../logger.ts';

/** So many are seen to at once: some may wait for programs, or for an answer that never comes. */
const AT_ONCE = 8;

/**
 * Does the same to many projects. What fails for one is logged and is undefined in the results, which are in order: what
 * an agent made of its project is no other's trouble.
 */
export async function eachProject<P, T>(
	logger: Logger,
	projects: readonly P[],
	{ idOf, what, work }: { idOf(project: P): string; what: string; work(project: P): Promise<T> },
): Promise<(T | undefined)[]> {
	const results: (T | undefined)[] = [];
	for (let at = 0; at < projects.length; at += AT_ONCE) {
		const some = projects.slice(at, at + AT_ONCE);
		const settled = await Promise.allSettled(some.map(work));
		for (const [index, result] of settled.entries()) {
			const project = some[index];
			if (result.status === 'rejected' && project !== undefined)
				logger.error({ err: result.reason, projectId: idOf(project) }, `${what} failed.`);
			results.push(result.status === 'fulfilled' ? result.value : undefined);
		}
	}
	return results;
}
