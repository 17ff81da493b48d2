import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Needle } from '../canary.ts';
import type { Finding } from './files.ts';
import { waysIn } from './needles.ts';
import type { RunningProcess } from './processes.ts';

const PAGE = 4_096;
/** How many pages are asked for at once. */
const MOST_PAGES = 65_536;
/** How much is searched at once; a secret may lie across two of these. */
const PIECE = 16 * 1024 * 1024;
/** A word of the page map: the page is in memory, or swapped out. Both are what the process holds (proc_pid_pagemap(5)). */
const HELD = 0xc0;

type Range = { from: number; to: number };

/** All memory that a process may write to: what it was given, read or made is nowhere else. */
export function searchMemory({ pid, command }: RunningProcess, needles: readonly Needle[]): Finding[] {
	const opened = openMemory(pid);
	if (opened === undefined) return [];
	const { regions, memory, pages } = opened;
	const ways = new Set<string>();
	const piece = Buffer.alloc(PIECE);
	try {
		for (const region of regions) {
			for (const held of heldParts(pages, region)) {
				for (const way of waysInRange(memory, piece, held, needles)) ways.add(way);
			}
		}
	} finally {
		closeSync(memory);
		closeSync(pages);
	}
	return ways.size === 0 ? [] : [{ where: `memory of ${command}`, ways: [...ways] }];
}

function openMemory(pid: number): { regions: Range[]; memory: number; pages: number } | undefined {
	try {
		const regions = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').flatMap(writableRegion);
		// What has just ended holds nothing any more.
		if (regions.length === 0) return undefined;
		return { regions, memory: openSync(`/proc/${pid}/mem`, 'r'), pages: openSync(`/proc/${pid}/pagemap`, 'r') };
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}

function writableRegion(line: string): Range[] {
	const [, from, to, rest = ''] = /^([0-9a-f]+)-([0-9a-f]+) .w.. (.*)$/.exec(line) ?? [];
	const isDevice = /\/dev\/(?!shm)|\[vvar|\[vsyscall/.test(rest);
	return from === undefined || to === undefined || isDevice
		? []
		: [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }];
}

/** The parts of a region that exist: some programs set gigabytes of addresses aside. */
function* heldParts(pages: number, { from, to }: Range): Generator<Range> {
	let start: number | undefined;
	for (let at = from; at < to; at += MOST_PAGES * PAGE) {
		const count = Math.min(MOST_PAGES, (to - at) / PAGE);
		const words = Buffer.alloc(count * 8);
		const known = readAt(pages, words, (at / PAGE) * 8, words.length) / 8;
		for (let page = 0; page < count; page++) {
			const isHeld = page < known && ((words[page * 8 + 7] ?? 0) & HELD) !== 0;
			const address = at + page * PAGE;
			if (isHeld) start ??= address;
			else if (start !== undefined) {
				yield { from: start, to: address };
				start = undefined;
			}
		}
	}
	if (start !== undefined) yield { from: start, to };
}

function* waysInRange(memory: number, piece: Buffer, { from, to }: Range, needles: readonly Needle[]) {
	for (let at = from; at < to; at += PIECE - PAGE) {
		const size = readAt(memory, piece, at, Math.min(PIECE, to - at));
		yield* waysIn(piece.subarray(0, size), needles);
	}
}

/** Pages that are gone by now hold nothing. */
function readAt(file: number, into: Buffer, at: number, size: number): number {
	try {
		return readSync(file, into, 0, size, at);
	} catch (error) {
		if (['EIO', 'EFAULT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
		throw error;
	}
}
