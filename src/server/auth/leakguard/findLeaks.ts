import type { Scrubber } from './scrubber.ts';

/** The paths of those files that carry a secret, in their order. */
export async function findLeaks(
	scrubber: Pick<Scrubber, 'isIn'>,
	files: AsyncIterable<{ path: string; content: Buffer }> | Iterable<{ path: string; content: Buffer }>,
): Promise<string[]> {
	const leaks: string[] = [];
	for await (const { path, content } of files) if (scrubber.isIn(content)) leaks.push(path);
	return leaks;
}
