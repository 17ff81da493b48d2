import type { Kind, Look, SectionType } from '../site.ts';
import { findKind, findLook, findSections } from './words.ts';

/** What the words of a prompt ask for. */
export type Brief = {
	/** The name the person gave; undefined when they gave none. */
	name: string | undefined;
	kind: Kind;
	place: string | undefined;
	/** What the site is about, in the person's words, such as "dog walking service". */
	subject: string | undefined;
	wanted: SectionType[];
	unwanted: SectionType[];
	look: Partial<Look>;
	/** The person asked for an about page of its own. */
	about: boolean;
	/** Picks among equally good choices; the same prompt always gives the same site. */
	seed: number;
};

/** Reads the words of a prompt. It knows English words for what it can make, and nothing else. */
export function readBrief(prompt: string): Brief {
	const text = prompt.replace(/\s+/g, ' ').trim();
	const unnamed = withoutName(text);
	const { kept, dropped } = splitRefusals(unnamed);
	return {
		name: findName(text),
		kind: findKind(text),
		place: findPlace(unnamed),
		subject: findSubject(unnamed),
		wanted: findSections(afterWith(kept)),
		unwanted: findSections(dropped),
		look: findLook(unnamed),
		about: /\babout page\b/i.test(kept),
		seed: hash(text.toLowerCase()),
	};
}

const CALLED = /\b(?:called|named|name(?:d)? is|titled|brand)\s+/i;
const QUOTED = /["“«]([^"”»]{1,60})["”»]|(?<!\S)['‘]([^'’]{1,60})['’](?![\p{L}\d])/u;
const STOP =
	/\s+(?:with|that|which|who|where|in|at|near|offering|selling|serving|has|have|is|it|we|my|our|for|using|please|and (?:a|an|the|my|our|show|include|add|use|make|it|we)|built|from|featuring|including|on)\b|[,.;:!?()\n]|\s[-–—]\s/i;

/** Capitalised words that are about the making, not about the site. */
const NOT_NAMES =
	/#\w+|\b(I|I'm|I’d|A|An|My|Our|SaaS|FAQs?|CV|API|AI|RSVP|HTML|CSS|Astro|Tailwind|English|German|French|Spanish|Italian|Portuguese|Make|Build|Create|Please|Website|Webseite|Ich|Landing|Portfolio)\b/g;

/** The name in a prompt: quoted, after "called", or in capitals. */
function findName(text: string): string | undefined {
	const after = CALLED.exec(text);
	const tail = after ? text.slice(after.index + after[0].length) : undefined;
	const quoted = QUOTED.exec(tail?.slice(0, 70) ?? text);
	if (quoted && (!tail || quoted.index < 2)) return clean(quoted[1] ?? quoted[2] ?? '');
	if (tail) return clean(tail.split(STOP)[0] ?? '');
	const about = /\b(?:for|of|about)\s+(.*)/.exec(text)?.[1]?.split(STOP)[0];
	return properName(about ?? '') ?? properName(withoutSentenceStarts(text).replace(PLACE, ' '));
}

/** A word is in capitals there without being a name. */
function withoutSentenceStarts(text: string): string {
	return text.replace(/(^|\p{L}{3,}[.!?] )\S+/gu, '$1');
}

/** The first run of capitalised words, such as "Crumb & Co" or "The Blue Door". */
function properName(text: string): string | undefined {
	const run =
		/(?:(?:[Tt]he )?\p{Lu}[\p{L}\p{N}'’.-]*)(?: (?:(?:&|and|of|de|la|the|und|et) )?\p{Lu}[\p{L}\p{N}'’.-]*)*/u;
	const name = run.exec(text.replace(NOT_NAMES, ' '))?.[0].replace(/[.,'’]+$/, '');
	return name && name.length > 1 ? clean(name) : undefined;
}

/** Any words as a name: trimmed, short, and with capitals where the person used none. */
export function clean(words: string): string | undefined {
	const name = words
		.replace(/["“”«»<>{}]/g, '')
		.trim()
		.slice(0, 60);
	if (!name) return undefined;
	return name === name.toLowerCase()
		? name.replace(/(^|[\s-])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase())
		: name;
}

function withoutName(text: string): string {
	const name = findName(text);
	return name ? text.replace(new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), ' ') : text;
}

/** Sections are asked for after "with", "include" and the like: "a bakery menu site with hours" asks for hours. */
function afterWith(text: string): string {
	const at = text.search(
		/\b(with|includ(e|es|ing)|featur(e|es|ing)|sections?|show(s|ing)?|add|has|have|needs?|and an?|plus|pages? for)\b/i,
	);
	return at < 0 ? '' : text.slice(at);
}

function splitRefusals(text: string): { kept: string; dropped: string } {
	const refusal = /\b(?:no|without|not?t? (?:need|want|include)(?: an?)?|skip|leave out)\b[^,.;]*/gi;
	return { kept: text.replace(refusal, ' '), dropped: (text.match(refusal) ?? []).join(' ') };
}

const PLACE = /\b(?:in|near|from)\s+((?:the\s+)?\p{Lu}[\p{L}'’-]+(?: (?:de |do |la |of )?\p{Lu}[\p{L}'’-]*)*)/u;

function findPlace(text: string): string | undefined {
	const found = PLACE.exec(text.replace(NOT_NAMES, ' '))?.[1];
	return found &&
		!/^(January|February|March|April|May|June|July|August|September|October|November|December)\b/.test(found)
		? found
		: undefined;
}

function findSubject(text: string): string | undefined {
	const phrase = String.raw`(?:an?|my|our|the|some)?\s*([\p{L}][\p{L}\s'’-]{2,60})`;
	const [about, made] = ['about', '(?:for|of)'].map(
		(word) => new RegExp(String.raw`\b${word}\s+${phrase}`, 'iu').exec(text)?.[1],
	);
	const found = about ?? made;
	const words = ` ${found ?? ''}`
		.split(STOP)[0]
		?.replace(/\b(called|named|business|company|website|site|page)\b.*$/i, '')
		.trim();
	return words && words.length > 2 ? words.toLowerCase() : undefined;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
	let value = 0x811c9dc5;
	for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
	return value >>> 0;
}
