// What processes hold. Read inside of each fence and outside of them, so it is plain JavaScript without imports of ours.
import { readFileSync } from 'node:fs';

/**
 * Memory of these processes together, in bytes, each one's share, the biggest first, and the number of their threads.
 * @param {number[]} pids
 * @param {number} limit Near it and beyond what several of them share is divided, which takes longer to find out.
 */
export function usageOf(pids, limit) {
	const states = pids.map((pid) => ({ pid, text: read(`/proc/${pid}/status`) }));
	const threads = states.reduce((sum, { text }) => sum + numberIn(text, 'Threads'), 0);
	const rough = states.map(({ pid, text }) => ({ pid, bytes: held(text, 'Rss') }));
	const sizes = total(rough) > limit ? rough.map(divided) : rough;
	return { threads, bytes: total(sizes), sizes: sizes.sort((a, b) => b.bytes - a.bytes) };
}

/** @param {{ pid: number, bytes: number }} rough */
function divided({ pid, bytes }) {
	const exact = held(read(`/proc/${pid}/smaps_rollup`), 'Pss_');
	// A process may forbid to look so closely.
	return { pid, bytes: exact > 0 ? exact : bytes };
}

/** @param {{ bytes: number }[]} sizes */
function total(sizes) {
	return sizes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Not the pages of programs and libraries, which the system can drop; but memory that was mapped to be shared.
 * @param {string} text
 * @param {'Rss' | 'Pss_'} kind
 */
function held(text, kind) {
	return (numberIn(text, `${kind}Anon`) + numberIn(text, `${kind}Shmem`)) * 1024;
}

/**
 * @param {string} text
 * @param {string} name
 */
function numberIn(text, name) {
	return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/**
 * Nothing of a process that is gone by now.
 * @param {string} path
 */
function read(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) return '';
		throw error;
	}
}
