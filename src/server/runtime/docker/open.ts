import { createProxyClient } from '../fence/proxy/client.ts';
import { openSocketRoot } from '../fence/sockets.ts';
import type { User } from '../owner.ts';
import { openRecords } from '../records.ts';
import { settle } from './adopt.ts';
import { openConnection } from './connection/connection.ts';
import { type DockerOptions, dockerRecord, type Engine } from './engine.ts';
import { instanceOf } from './order/names.ts';
import { containerUser } from './owner.ts';
import { lookAround, noteEvent } from './table.ts';

/** Begins to keep in touch with Docker, whether that answers or not. */
export function openEngine(options: DockerOptions): Engine {
	const { dir, logger, image } = options;
	const records = openRecords(dir, dockerRecord, logger);
	const root = openSocketRoot(dir);
	const instance = instanceOf(dir);
	const parts = {
		...{ graceMs: 5_000, diskLookMs: 1_000, ...options, instance, root, records, isSettled: false },
		...{ user: containerUser(doceUser()), proxy: createProxyClient({ root, logger }) },
		...{ known: new Map(), turns: new Map(), ending: new Set<string>(), samples: new Map(), disk: new Map() },
		...{ exitListeners: new Set(), limitListeners: new Set(), recoveryListeners: new Set() },
	} satisfies Omit<Engine, 'connection'>;
	const connection = openConnection({
		...{ instance, image, logger },
		onUp: () => lookAround(engine),
		onEvent: (event) => noteEvent(engine, event),
		onRecovery: () => void recover(engine),
	});
	const engine: Engine = { ...parts, connection };
	return engine;
}

/** What runs from before is put in order first, where the engine was not there when doce started. */
async function recover(engine: Engine): Promise<void> {
	try {
		if (!engine.isSettled) await settle(engine);
		// It went away again: the next time.
		if (engine.connection.trouble() !== undefined) return;
		for (const listener of engine.recoveryListeners) listener();
	} catch (error) {
		engine.logger.error({ err: error }, 'What was left running could not be put in order.');
	}
}

function doceUser(): User {
	const uid = process.getuid?.() ?? 0;
	return { uid, gid: process.getgid?.() ?? uid };
}
