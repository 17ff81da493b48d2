import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type JobHandler, RetryLater, WaitForCredential } from '../handler.ts';

type Services = { runtime: Pick<Runtime, 'kind' | 'trouble'> };

/** How long a job waits for a runtime that is away, in ms, should nobody tell that it is back. */
const AWAY_DELAY = 10 * 60_000;
/** How long it may take, in ms, until a runtime that went away is known to be. */
const UNTIL_KNOWN = 2_000;
const LOOK_EVERY = 100;

/** A handler that waits, without spending an attempt, while nothing can run. What fails as that begins is done again. */
export function withRuntime({ runtime }: Services, handler: JobHandler): JobHandler {
	return {
		type: handler.type,
		async run(payload, context) {
			waitWhileAway(runtime);
			try {
				return await handler.run(payload, context);
			} catch (error) {
				if (mayBeAway(error) && !context.signal.aborted) {
					await untilKnown(runtime);
					waitWhileAway(runtime);
				}
				throw error;
			}
		},
	};
}

function waitWhileAway(runtime: Services['runtime']): void {
	const trouble = runtime.trouble();
	if (trouble !== undefined) throw new RetryLater(AWAY_DELAY, trouble);
}

function mayBeAway(error: unknown): boolean {
	if (error instanceof AppError) return error.code === 'unavailable';
	return !(error instanceof RetryLater || error instanceof WaitForCredential);
}

/** Processes of this machine are never away. */
async function untilKnown({ kind, trouble }: Services['runtime']): Promise<void> {
	if (kind === 'process') return;
	for (let waited = 0; waited < UNTIL_KNOWN && trouble() === undefined; waited += LOOK_EVERY) await sleep(LOOK_EVERY);
}
