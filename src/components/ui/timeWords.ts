const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "4 min ago", "2 h ago", "3 days ago", then the date. `now` in ms. A clock that is behind reads "just now". */
export function relativeTime(at: string, now: number): string {
	const age = now - Date.parse(at);
	if (age < MINUTE) return 'just now';
	if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
	if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
	if (age < 2 * DAY) return 'yesterday';
	if (age < 14 * DAY) return `${Math.floor(age / DAY)} days ago`;
	return new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at));
}

/** The full date and time in the person's zone. */
export function exactTime(at: string): string {
	return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}

/** A length of time, in ms, as "340 ms", "4.2 s", "42 s", "1 min 12 s". */
export function durationWords(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1_000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
