import ipaddr from 'ipaddr.js';
import { AppError } from '../errors.ts';

const MINUTE = 60_000;
const PER_ACCOUNT = 5;
const PER_ADDRESS = 30;
/** Further failures of one account from one address wait twice as long each time, up to this, in ms. */
const LONGEST_WAIT = 15 * MINUTE;

/** `open` attempts may still fail, and count as if they had. */
type Count = { limit: number; failed: number[]; open: number; streak: number; blockedUntil: number };

/** Slows down guessing: counts sign-ins that failed or may fail, per account and address, and per address, in memory. */
export type Attempts = {
	/**
	 * Runs `guess`, which gives undefined when the password was wrong. It is counted before it begins, so that guesses
	 * at the same moment do not pass together, and taken back unless it was wrong. Throws `AppError('forbidden')` with
	 * the time to wait when there were too many.
	 */
	run<T>(account: string, address: string, guess: () => Promise<T | undefined>): Promise<T | undefined>;
};

export function createAttempts(now: () => number = Date.now): Attempts {
	const counts = new Map<string, Count>();
	return {
		async run(account, address, guess) {
			forgetOld(counts, now());
			const place = placeOf(address);
			const ofAccount = countOf(counts, `${account.toLowerCase()} ${place}`, PER_ACCOUNT);
			const both = [ofAccount, countOf(counts, place, PER_ADDRESS)];
			for (const count of both) check(count, now());
			for (const count of both) count.open += 1;
			try {
				const found = await guess();
				if (found !== undefined) Object.assign(ofAccount, { failed: [], streak: 0 });
				else for (const count of both) fail(count, now());
				return found;
			} finally {
				for (const count of both) count.open -= 1;
			}
		},
	};
}

/** Whoever has one IPv6 address has its whole /64, so that is what is counted. */
function placeOf(address: string): string {
	if (!ipaddr.isValid(address)) return address;
	const parsed = ipaddr.process(address);
	return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}

function countOf(counts: Map<string, Count>, key: string, limit: number): Count {
	const count = counts.get(key) ?? { limit, failed: [], open: 0, streak: 0, blockedUntil: 0 };
	counts.set(key, count);
	return count;
}

function check({ limit, failed, open, blockedUntil }: Count, now: number): void {
	const wait = blockedUntil - now;
	if (wait > 0)
		throw new AppError('forbidden', `Too many failed attempts. Try again in ${Math.ceil(wait / 1000)} seconds.`);
	if (recent(failed, now).length + open >= limit)
		throw new AppError('forbidden', 'Too many attempts at once. Try again in a moment.');
}

function fail(count: Count, now: number): void {
	count.failed = [...recent(count.failed, now), now];
	if (count.failed.length < count.limit) return;
	count.streak += 1;
	count.blockedUntil = now + Math.min(MINUTE * 2 ** (count.streak - 1), LONGEST_WAIT);
}

function recent(times: number[], now: number): number[] {
	return times.filter((time) => time > now - MINUTE);
}

function forgetOld(counts: Map<string, Count>, now: number): void {
	for (const [key, { failed, open, blockedUntil }] of counts) {
		if (open === 0 && (failed.at(-1) ?? 0) < now - 2 * LONGEST_WAIT && blockedUntil < now) counts.delete(key);
	}
}
