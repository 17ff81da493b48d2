import { AppError } from '../errors.ts';

const MINUTE = 60_000;
const PER_ACCOUNT = 5;
const PER_ADDRESS = 30;
/** Further failures of one account from one address wait twice as long each time, up to this, in ms. */
const LONGEST_WAIT = 15 * MINUTE;

type Failures = { times: number[]; streak: number; blockedUntil: number };

/** Slows down guessing: counts failed sign-ins per account and address, and per address, in memory. */
export type Attempts = {
	/** Throws `AppError('forbidden')` with the time to wait when there were too many failures. */
	check(account: string, address: string): void;
	fail(account: string, address: string): void;
	succeed(account: string, address: string): void;
};

export function createAttempts(now: () => number = Date.now): Attempts {
	const failures = new Map<string, Failures>();
	const keys = (account: string, address: string): [string, number][] => [
		[`${account.toLowerCase()} ${address}`, PER_ACCOUNT],
		[address, PER_ADDRESS],
	];
	return {
		check(account, address) {
			for (const [key] of keys(account, address)) {
				const wait = (failures.get(key)?.blockedUntil ?? 0) - now();
				if (wait > 0)
					throw new AppError('forbidden', `Too many failed attempts. Try again in ${Math.ceil(wait / 1000)} seconds.`);
			}
		},
		fail(account, address) {
			forgetOld(failures, now());
			for (const [key, limit] of keys(account, address)) failures.set(key, count(failures.get(key), limit, now()));
		},
		succeed(account, address) {
			failures.delete(`${account.toLowerCase()} ${address}`);
		},
	};
}

function count(before: Failures | undefined, limit: number, now: number): Failures {
	const times = [...(before?.times ?? []).filter((time) => time > now - MINUTE), now];
	if (times.length < limit) return { times, streak: before?.streak ?? 0, blockedUntil: 0 };
	const streak = (before?.streak ?? 0) + 1;
	return { times, streak, blockedUntil: now + Math.min(MINUTE * 2 ** (streak - 1), LONGEST_WAIT) };
}

function forgetOld(failures: Map<string, Failures>, now: number): void {
	for (const [key, { times, blockedUntil }] of failures) {
		if ((times.at(-1) ?? 0) < now - 2 * LONGEST_WAIT && blockedUntil < now) failures.delete(key);
	}
}
