import type { BudgetPeriod } from '#shared/usage.ts';

const DAY_MS = 86_400_000;

/** A day or a month of UTC. */
export type Period = {
	/** `2026-01-31` or `2026-01`. */
	id: string;
	/** Its first and last day. */
	from: string;
	to: string;
	/** When the next one begins, in epoch milliseconds. */
	endsAt: number;
};

/** The day or month in which `now` (ms) is. */
export function periodAt(kind: BudgetPeriod, now: number): Period {
	const today = dayOf(now);
	if (kind === 'day') return { id: today, from: today, to: today, endsAt: Date.parse(today) + DAY_MS };
	const date = new Date(now);
	const endsAt = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
	return { id: today.slice(0, 7), from: `${today.slice(0, 7)}-01`, to: dayOf(endsAt - 1), endsAt };
}

/** The day of UTC in which `now` (ms) is, as records have it. */
export function dayOf(now: number): string {
	return new Date(now).toISOString().slice(0, 10);
}

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
	const count = Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
	return Array.from({ length: Math.max(0, count) }, (_, at) => dayOf(Date.parse(from) + at * DAY_MS));
}
