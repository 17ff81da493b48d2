import { createServer } from 'node:net';
import { AppError } from '#server/errors.ts';

/** Below the range from which Linux and macOS take the ports of outgoing connections. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

/** The ports of 127.0.0.1 that projects hold, stopped or not: a held one is never given to another project. */
export type Ports = {
	/** A port that nobody holds and nothing listens on. Throws `AppError('unavailable')` if there is none. */
	reserve(): Promise<number>;
	hold(port: number): void;
	release(port: number): void;
};

export function createPorts(): Ports {
	const held = new Set<number>();
	return {
		hold: (port) => held.add(port),
		release: (port) => held.delete(port),
		async reserve() {
			for (let tries = 0; tries < TRIES; tries++) {
				const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
				if (held.has(port)) continue;
				// Held before the wait, or two projects that start together could both find it free.
				held.add(port);
				if (await isFree(port)) return port;
				held.delete(port);
			}
			throw new AppError('unavailable', `No free port was found between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
		},
	};
}

/** Whether nothing listens on the port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
	});
}
