import { placesOf } from '../fence/sockets.ts';
import { inTurn } from '../turns.ts';
import { watchDisk } from './disk.ts';
import { type Engine, isRunning, type Known, NAMES } from './engine.ts';
import { removeAll } from './remove.ts';
import { publish } from './start.ts';
import { stop } from './stop.ts';
import { isProcess, listContainers } from './table.ts';

/** Takes over what an earlier doce left; with an engine that does not answer yet, or goes away, nothing. */
export async function adopt(engine: Engine): Promise<string[]> {
	await engine.connection.known;
	return engine.connection.trouble() === undefined ? settle(engine) : [];
}

/**
 * Takes over the projects that run completely, of the image that is used now, and returns them; ends what runs of others,
 * and what belongs to nobody. Projects may be started meanwhile, when the engine came late. What cannot be ended is
 * logged, and left: it keeps no other from being taken over.
 */
export async function settle(engine: Engine): Promise<string[]> {
	try {
		const taken = await settleAll(engine);
		await engine.proxy.settle();
		engine.isSettled = true;
		watchDisk(engine);
		return taken;
	} catch (error) {
		if (engine.connection.trouble() === undefined) throw error;
		return [];
	}
}

async function settleAll(engine: Engine): Promise<string[]> {
	const there = await engine.connection.whileThere(listContainers(engine));
	const ids = new Set(
		[...engine.records.all(), ...there.map(({ labels }) => labels)].map(({ projectId }) => projectId),
	);
	const taken = await Promise.all(
		[...ids].map(async (id) => {
			const own = there.filter(({ labels }) => labels.projectId === id);
			try {
				return await inTurn(engine, id, () => settleProject(engine, id, own));
			} catch (error) {
				if (engine.connection.trouble() !== undefined) throw error;
				engine.logger.error({ err: error, projectId: id }, 'What was left of a project could not be ended.');
				return false;
			}
		}),
	);
	return [...ids].filter((_, at) => taken[at]);
}

async function settleProject(engine: Engine, projectId: string, there: readonly Known[]): Promise<boolean> {
	const record = engine.records.get(projectId);
	const isWhole = record?.image === engine.image && isRunning(engine, projectId);
	await removeAll(
		engine,
		there.filter((one) => !(isWhole && isProcess(one))),
	);
	if (!isWhole || record === undefined) {
		await stop(engine, projectId);
		return false;
	}
	const { proxy } = placesOf(engine.root, projectId);
	await engine.proxy.allow(projectId, { socket: proxy, destinations: record.access.destinations });
	for (const name of NAMES) publish(engine, projectId, name);
	return true;
}
