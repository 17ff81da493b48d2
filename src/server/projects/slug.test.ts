import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../db/client.ts';
import { freeSlug, nameFromPrompt } from './slug.ts';

let dir: string;
let database: OpenDatabase;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-slug-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
});

afterEach(async () => {
	await database.close();
	rmSync(dir, { recursive: true });
});

test.each([
	['A one-page site for a bakery called Morning Crumb, with a menu', 'Morning Crumb'],
	['a shop named “Äpfel & Birnen” in Köln', 'Äpfel'],
	['build me a portfolio with a gallery and a shop', 'Build me a portfolio with a'],
	['   ', 'New site'],
	['a page.', 'A page'],
])('the prompt %j is named %j', (prompt, name) => {
	expect(nameFromPrompt(prompt)).toBe(name);
});

test.each([
	['Morning Crumb', 'morning-crumb'],
	['Äpfel & Birnen', 'apfel-birnen'],
	['日本語', 'site'],
	['--- ../../etc ---', 'etc'],
	['x'.repeat(100), 'x'.repeat(40)],
])('the slug of %j is a host name', async (name, slug) => {
	expect(await freeSlug(database.db, name)).toBe(slug);
});
