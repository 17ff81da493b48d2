import { Refused } from './refusals.ts';
import { createWalk } from './walk.ts';

/** What is asked in a JSON body, at its top level. */
export type Asked = { model: string | undefined; stream: boolean; background: boolean };

type Manner = {
	/** A stream is to end with its usage, whatever the caller says of that. */
	wishes: boolean;
	/** Whether a call may run on when its caller has gone. */
	mayRunOn: boolean;
};

const OPTIONS = 'stream_options';
const USAGE = '{"include_usage":true}';
const WISH = Buffer.from(`,"${OPTIONS}":${USAGE}`);
/** By so much a body grows when it is wished for, or not after all: its length is known beforehand. */
export const WISH_BYTES = WISH.length;
const NO_WISH = Buffer.alloc(WISH_BYTES, ' ');
const NOTHING = Buffer.alloc(0);
/** A caller's own options are read up to this length, in bytes, and left out beyond it. */
const MOST_OPTIONS = 4096;
/** Anything but these may mean yes to somebody. */
const NO = new Set(['false', 'null']);

/**
 * Reads a JSON body as it goes by, and sends it on as it is, but for the options of a stream: with `wishes` they go to
 * its end, with the wish for usage among them. It never keeps more than those, or the name of one member.
 */
export function createReader({ wishes, mayRunOn }: Manner) {
	const asked: Asked = { model: undefined, stream: false, background: false };
	const cutter = createCutter(asked);
	let isDone = false;
	const walk = createWalk({
		member: (at, isFirst) => wishes && !isDone && cutter.begin(at, isFirst),
		value: (at, name) => wishes && !isDone && cutter.decide(at, name === OPTIONS),
		ended(at, { name, string, literal }) {
			if (name === 'model' && string !== undefined) asked.model = string;
			if (name === 'stream') asked.stream = literal === 'true';
			if (name === 'background' && !NO.has(literal)) asked.background = true;
			if (wishes && !isDone) cutter.end(at);
		},
		end(at) {
			if (wishes && !isDone) cutter.append(at);
			isDone = true;
		},
	});

	async function* through(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		for await (const chunk of body) {
			cutter.take(chunk);
			walk(chunk);
			// Its last brace is still here: the provider has nothing that it could begin with.
			if (asked.background && !mayRunOn) throw new Refused('route', 'A project’s calls do not run in the background.');
			if (!wishes) yield chunk;
			else for (const part of cutter.give()) yield part;
		}
		// What never ended is no JSON: its length is kept all the same.
		if (wishes && !isDone) for (const part of cutter.rest()) yield part;
	}

	return { asked, through };
}

/** Takes the options of a stream out of a body, and puts them at its end. */
function createCutter(asked: Asked) {
	let chunk: Buffer = NOTHING;
	/** From here on the chunk is neither sent on nor left out. */
	let from = 0;
	let out: Buffer[] = [];
	/** Where a member begins whose name is not known yet, and what came of it in earlier chunks. */
	let mark: number | undefined;
	let held: Buffer[] = [];
	/** What the caller's options hold, while they are left out. */
	let options: Buffer[] | undefined;
	let own: string | undefined;
	let hasMembers = false;
	let dropped = 0;

	const next = (to: number): Buffer => {
		const part = chunk.subarray(from, to);
		from = to;
		return part;
	};

	function leaveOut(part: Buffer): void {
		dropped += part.length;
		if (options !== undefined && sizeOf(options) <= MOST_OPTIONS) options.push(part);
	}

	function release(): void {
		out.push(...held);
		held = [];
		mark = undefined;
		hasMembers = true;
	}

	/** The options as they are to be, and as many spaces as are left of what was promised. */
	function ending(): Buffer {
		if (dropped === 0 && hasMembers) return asked.stream ? WISH : NO_WISH;
		const room = dropped + WISH_BYTES;
		const comma = hasMembers ? ',' : '';
		const wanted = asked.stream ? [withUsage(own), USAGE] : own === undefined ? [] : [own];
		const fitting = wanted
			.map((value) => Buffer.from(`${comma}"${OPTIONS}":${value}`))
			.find((text) => text.length <= room);
		return Buffer.concat([fitting ?? NOTHING, Buffer.alloc(room - (fitting?.length ?? 0), ' ')]);
	}

	return {
		take(given: Buffer): void {
			chunk = given;
			from = 0;
		},
		begin(at: number, isFirst: boolean): void {
			mark = at;
			if (isFirst || hasMembers) return;
			// The comma belonged to what was left out before it.
			out.push(next(at));
			leaveOut(next(at + 1));
			mark = from;
		},
		decide(at: number, isOptions: boolean): void {
			if (mark === undefined || !isOptions) {
				release();
				return;
			}
			out.push(next(mark));
			for (const part of [...held, next(at)]) leaveOut(part);
			held = [];
			mark = undefined;
			options = [];
		},
		end(at: number): void {
			if (options === undefined) return;
			leaveOut(next(at));
			own = sizeOf(options) > MOST_OPTIONS ? undefined : Buffer.concat(options).toString('utf8');
			options = undefined;
		},
		append(at: number): void {
			out.push(...held, next(at), ending());
			held = [];
			mark = undefined;
		},
		/** What of the chunk, and of what was held before it, can be sent on. */
		give(): Buffer[] {
			if (options !== undefined) leaveOut(next(chunk.length));
			else if (mark === undefined) out.push(next(chunk.length));
			else {
				out.push(next(mark));
				held.push(next(chunk.length));
				mark = 0;
				// No name is so long.
				if (sizeOf(held) > MOST_OPTIONS) release();
			}
			// What goes in one piece is sent in one.
			const given = out.length === 1 ? out : [Buffer.concat(out)];
			out = [];
			return given.filter(({ length }) => length > 0);
		},
		rest: (): Buffer[] => [...held, Buffer.alloc(dropped + WISH_BYTES, ' ')],
	};
}

function sizeOf(parts: readonly Buffer[]): number {
	return parts.reduce((sum, part) => sum + part.length, 0);
}

/** A caller's options with the wish among them; what is no object is none. */
function withUsage(own = '{}'): string {
	try {
		const given: unknown = JSON.parse(own);
		const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
		return JSON.stringify({ ...(isObject ? given : {}), include_usage: true });
	} catch (error) {
		if (error instanceof SyntaxError) return USAGE;
		throw error;
	}
}
