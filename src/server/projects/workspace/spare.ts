import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { copyModules } from './modules.ts';
import type { Starter } from './starter.ts';

/** How long after its start, or after a new site, doce copies the packages for the next one, in ms. */
const REST_MS = { start: 3_000, site: 30_000 };

const making = new Map<string, Promise<void>>();
const waiting = new Map<string, NodeJS.Timeout>();

/**
 * Gives a new site packages that it shares with nobody. Copying them takes seconds on a slow disk, so that the next
 * site's lie ready wherever there was time.
 */
export async function takePackages(starter: Starter, to: string): Promise<void> {
	const spare = spareOf(starter);
	clearTimeout(waiting.get(spare));
	await making.get(spare);
	if (!(await moveAway(spare, to))) await copyModules(starter.modules, to);
	prepareSpare(starter, 'site');
}

/** Copies the packages of the next new site, when there has been a rest. */
export function prepareSpare(starter: Starter, after: keyof typeof REST_MS): void {
	const spare = spareOf(starter);
	clearTimeout(waiting.get(spare));
	const start = () => {
		// What goes wrong here goes wrong again, and is said, when a site needs its own copy.
		const work = makeSpare(starter, spare).catch(() => undefined);
		making.set(
			spare,
			work.finally(() => making.delete(spare)),
		);
	};
	waiting.set(spare, setTimeout(start, REST_MS[after]).unref());
}

/** Whether it was there. */
async function moveAway(spare: string, to: string): Promise<boolean> {
	try {
		await rename(spare, to);
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
		throw error;
	}
}

async function makeSpare(starter: Starter, spare: string): Promise<void> {
	const cache = dirname(spare);
	const old = (await readdir(cache)).filter((name) => name.startsWith('.spare-') && join(cache, name) !== spare);
	for (const name of old) await rm(join(cache, name), { recursive: true, force: true });
	if (existsSync(spare)) return;
	await copyModules(starter.modules, `${spare}.tmp`);
	await rename(`${spare}.tmp`, spare);
}

/** Beside the starter; of another version of it nothing is kept. */
function spareOf({ modules }: Starter): string {
	const starter = dirname(modules);
	return join(dirname(starter), `.spare-${basename(starter)}`);
}
