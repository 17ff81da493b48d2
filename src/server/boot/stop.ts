import type { Logger } from '../logger.ts';

/** How long an orderly end may take, in ms. What is left after it, the next start takes over as after a crash. */
const STOP_DEADLINE = 15_000;

/** SIGTERM, SIGINT, or a launcher that is gone: everything ends in order; a second signal ends it at once. */
export function onStop(logger: Logger, steps: readonly (() => unknown)[]): void {
	let stopping = false;
	const once = async (): Promise<void> => {
		if (stopping) process.exit(1);
		stopping = true;
		setTimeout(() => process.exit(1), STOP_DEADLINE).unref();
		process.exit((await inOrder(logger, steps)) ? 0 : 1);
	};
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void once());
	process.on('disconnect', () => void once());
}

/** One after another; what fails is logged, and keeps nothing else from its end. Returns whether all went well. */
export async function inOrder(logger: Logger, steps: readonly (() => unknown)[]): Promise<boolean> {
	let isFine = true;
	for (const step of steps) {
		try {
			await step();
		} catch (error) {
			isFine = false;
			logger.error({ err: error }, 'A part of doce could not end in order.');
		}
	}
	return isFine;
}
