import { availableParallelism, totalmem } from 'node:os';
import { LIMIT_FIELDS, type LimitBounds, type LimitName, type LimitValues, limitWords } from '#shared/limits.ts';
import { type RuntimeSettings, runtimeSettings } from '#shared/runtime.ts';
import { recordAudit } from '../../audit/audit.ts';
import type { Person } from '../../auth/connectionChanges.ts';
import { findInstanceValue, saveInstanceValue } from '../../auth/instance.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import { AppError } from '../../errors.ts';

const NAME = 'runtime_settings';
const MB = 1024 * 1024;

const DEFAULTS: RuntimeSettings = {
	defaults: { memoryMb: 1_536, cpus: 2, diskMb: 5_120 },
	pauseAfterMinutes: 15,
	stopAfterHours: 12,
};

/** Where a project's own limit is kept. */
const COLUMNS = { memory: 'memory_mb', cpus: 'cpus', disk: 'disk_mb' } as const satisfies Record<LimitName, string>;

const LONGEST_PAUSE_MINUTES = 7 * 24 * 60;
const LONGEST_STOP_HOURS = 365 * 24;

export type SettingsChange = {
	defaults?: { [Field in keyof LimitValues]?: LimitValues[Field] | undefined } | undefined;
	pauseAfterMinutes?: number | undefined;
	stopAfterHours?: number | undefined;
};

/** How projects live on this doce: their limits, and when one that nobody uses is paused and stopped. */
export async function getRuntimeSettings(db: Db): Promise<RuntimeSettings> {
	const value = await findInstanceValue(db, NAME);
	return value === undefined ? DEFAULTS : runtimeSettings.parse(JSON.parse(value));
}

/** Changes what is given. Throws `AppError('invalid')` that says what is allowed. */
export async function setRuntimeSettings(db: Db, person: Person, change: SettingsChange): Promise<RuntimeSettings> {
	return inTransaction(db, async (tx) => {
		const before = await getRuntimeSettings(tx);
		const { defaults, pauseAfterMinutes = before.pauseAfterMinutes, stopAfterHours = before.stopAfterHours } = change;
		const after = { defaults: { ...before.defaults, ...withoutGaps(defaults) }, pauseAfterMinutes, stopAfterHours };
		checkLimits(after.defaults);
		checkTime('Pausing', pauseAfterMinutes, { most: LONGEST_PAUSE_MINUTES, unit: 'minutes' });
		checkTime('Stopping', stopAfterHours, { most: LONGEST_STOP_HOURS, unit: 'hours' });
		await saveInstanceValue(tx, NAME, JSON.stringify(after));
		await forgetReached(tx, before.defaults, after.defaults);
		const detail = { ...after.defaults, pauseAfterMinutes, stopAfterHours };
		await recordAudit(tx, { actor: person.actor, userId: person.id, action: 'settings.runtime', detail });
		return after;
	});
}

/** Projects without a limit of their own that ran into one of those that are higher now. */
async function forgetReached(db: Db, before: LimitValues, after: LimitValues): Promise<void> {
	for (const [limit, field] of Object.entries(LIMIT_FIELDS) as [LimitName, keyof LimitValues][]) {
		if (after[field] <= before[field]) continue;
		await db
			.updateTable('projects')
			.set({ reached: null, updated_at: Date.now() })
			.where('reached', '=', limit)
			.where(COLUMNS[limit], 'is', null)
			.execute();
	}
}

/** What a limit may be: no less than what the programs of a project need to start, no more than this machine has. */
export function limitBounds(): LimitBounds {
	const { defaults } = DEFAULTS;
	return {
		memoryMb: { min: 256, max: Math.max(defaults.memoryMb, Math.floor(totalmem() / MB)) },
		cpus: { min: 0.1, max: Math.max(defaults.cpus, availableParallelism()) },
		diskMb: { min: 512, max: 10 * 1_024 * 1_024 },
	};
}

const NOUNS: Record<LimitName, string> = { memory: 'The memory', cpus: 'Processors', disk: 'The disk' };

/** Throws `AppError('invalid')` for a limit out of bounds; null is none of one's own. */
export function checkLimits(limits: { [Field in keyof LimitValues]?: LimitValues[Field] | null }): void {
	const bounds = limitBounds();
	for (const [limit, field] of Object.entries(LIMIT_FIELDS) as [LimitName, keyof LimitValues][]) {
		const value = limits[field];
		const { min, max } = bounds[field];
		if (value == null || (value >= min && value <= max)) continue;
		const between = `between ${limitWords(limit, min)} and ${limitWords(limit, max)}`;
		throw new AppError('invalid', `${NOUNS[limit]} of a project can be limited to ${between}.`);
	}
}

function checkTime(what: string, value: number, { most, unit }: { most: number; unit: string }): void {
	if (value >= 0 && value <= most) return;
	throw new AppError('invalid', `${what} can come after 0 to ${most} ${unit}; 0 means never.`);
}

function withoutGaps(values: SettingsChange['defaults'] = {}): Partial<LimitValues> {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
