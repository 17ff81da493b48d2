import { benchCredentials } from './credentials.ts';
import { benchFence } from './fence.ts';
import { printHead } from './figures.ts';
import { benchProjects } from './projects.ts';
import { benchQueue } from './queue.ts';
import { benchStore } from './store.ts';

/** `npm run bench`: every figure, or those of the named parts. Quote medians and ratios; one machine's numbers are its own. */
const PARTS = {
	credentials: benchCredentials,
	queue: benchQueue,
	projects: benchProjects,
	fence: benchFence,
	store: benchStore,
};

const wanted = process.argv.slice(2);
printHead();
for (const [name, bench] of Object.entries(PARTS)) {
	if (wanted.length === 0 || wanted.includes(name)) await bench();
}
