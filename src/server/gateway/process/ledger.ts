import type { Db } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import { hasBudgets } from '../../usage/anyBudget.ts';
import { recordUsage, type UsedCall } from '../../usage/records.ts';

/** How long a record may wait for others to be written with, in ms. */
const INTERVAL = 200;
/** How often it is asked whether there are budgets, in ms. */
const LOOK_INTERVAL = 1_000;
/** What cannot be written for so long is given up, so that it does not fill the memory. */
const MOST_WAITING = 20_000;

/** What is still to be written of what was used: many records at once cost little more than one. */
export type Ledger = {
	add(call: UsedCall): void;
	/** Writes what waits, now; at the latest before somebody asks what was spent. */
	settle(): Promise<void>;
	/** Whether anybody has set a budget; a first one is noticed within a second. */
	isLimited(): Promise<boolean>;
	/** Whether something of a project or of a connection waits. */
	isBehind(projectId: string, connectionId: string): boolean;
	stop(): Promise<void>;
};

export function createLedger(db: Db, logger: Logger): Ledger {
	let waiting: UsedCall[] = [];
	let writing: Promise<void> = Promise.resolve();
	let timer: NodeJS.Timeout | undefined;
	let limited = true;
	let lookAgainAt = 0;

	function settle(): Promise<void> {
		clearTimeout(timer);
		timer = undefined;
		writing = writing.then(write);
		return writing;
	}

	async function write(): Promise<void> {
		const batch = waiting;
		waiting = [];
		try {
			await recordUsage(db, batch);
		} catch (error) {
			// Somebody else is writing for longer than is waited for: it is tried again with the next ones.
			if (batch.length + waiting.length > MOST_WAITING)
				logger.error({ err: error }, 'What was used could not be noted.');
			else waiting = [...batch, ...waiting];
			if (waiting.length > 0) schedule();
		}
	}

	function schedule(): void {
		timer ??= setTimeout(() => void settle(), INTERVAL);
	}

	return {
		async isLimited() {
			if (Date.now() < lookAgainAt) return limited;
			lookAgainAt = Date.now() + LOOK_INTERVAL;
			limited = await hasBudgets(db);
			return limited;
		},
		add(call) {
			waiting.push(call);
			schedule();
		},
		settle,
		isBehind: (projectId, connectionId) =>
			waiting.some((call) => call.projectId === projectId || call.connectionId === connectionId),
		async stop() {
			await settle();
			clearTimeout(timer);
		},
	};
}
