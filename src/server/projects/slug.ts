import { randomInt } from 'node:crypto';
import type { Db } from '../db/client.ts';

/** A slug is also a host name's first label. */
const MAX_LENGTH = 40;
const WORDS_IN_NAME = 6;

/** "… called Morning Crumb …": the name that a prompt gives by itself. */
const GIVEN_NAME = /\b(?:called|named)\s+["“']?(\p{Lu}[\p{L}\d'’&-]*(?:\s+\p{Lu}[\p{L}\d'’&-]*){0,3})/u;

/** Names a project as its prompt does, or after the prompt's first words. */
export function nameFromPrompt(prompt: string): string {
	const given = GIVEN_NAME.exec(prompt)?.[1];
	if (given !== undefined) return given;
	const words = prompt.split(/\s+/).filter(Boolean).slice(0, WORDS_IN_NAME).join(' ').slice(0, 60);
	const name = words.replace(/[\s.,;:!?–-]+$/, '');
	return name === '' ? 'New site' : name.charAt(0).toUpperCase() + name.slice(1);
}

/** A slug for `name` that no project has; letters without a plain form are left out. */
export async function freeSlug(db: Db, name: string): Promise<string> {
	const base = slugify(name);
	for (let candidate = base; ; candidate = `${base}-${randomInt(1_000, 100_000)}`) {
		const taken = await db.selectFrom('projects').select('id').where('slug', '=', candidate).executeTakeFirst();
		if (taken === undefined) return candidate;
	}
}

function slugify(name: string): string {
	const plain = name
		.normalize('NFKD')
		.replace(/\p{M}+/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.slice(0, MAX_LENGTH)
		.replace(/^-+|-+$/g, '');
	return plain === '' ? 'site' : plain;
}
