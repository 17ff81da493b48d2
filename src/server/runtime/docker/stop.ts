import { placesOf, removeSockets } from '../fence/sockets.ts';
import { ask, type Engine } from './engine.ts';
import { containersOf, removeAll, removeLogs } from './remove.ts';
import { listContainers } from './table.ts';

/** Ends all of a project, and forgets it. To be called in the project's turn. */
export async function stop(engine: Engine, projectId: string): Promise<void> {
	engine.ending.add(projectId);
	try {
		await removeAll(engine, containersOf(engine, projectId));
		// Commands too, and what was made while nobody heard the answer. Of what is away nothing more can be ended.
		if (engine.connection.trouble() === undefined)
			await removeAll(engine, await ask(engine, 'list containers', () => listContainers(engine, projectId)));
	} finally {
		engine.ending.delete(projectId);
	}
	for (const { labels } of containersOf(engine, projectId)) {
		for (const held of [engine.known, engine.samples]) held.delete(`${projectId}/${labels.role}`);
	}
	engine.disk.delete(projectId);
	engine.records.remove(projectId);
	await engine.proxy.forget(projectId);
	removeSockets(placesOf(engine.root, projectId));
}

/** `stop`, and what its processes wrote is gone too. */
export async function destroy(engine: Engine, projectId: string): Promise<void> {
	await stop(engine, projectId);
	await removeLogs(engine, projectId);
}
