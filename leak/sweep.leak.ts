import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../test/harness/doce.ts';
import { type Expectation, SWEEPS, toTable } from './expected.ts';
import { OPEN_KIND } from './kinds.ts';
import { type Life, live } from './life.ts';
import { type Findings, PLACES, sweep } from './sweep.ts';

/** Where something was found and nothing may be, with the ways in which it is written there. */
function surplus(found: Findings, expected: Expectation) {
	return PLACES.filter((place) => expected[place] === undefined).flatMap((place) => found[place]);
}

describe.each(SWEEPS)('$kind, $delivery', ({ kind, delivery, expected }) => {
	let life: Life;
	let found: Findings;

	beforeAll(async () => {
		life = await live(await OPEN_KIND[kind](delivery));
		found = await sweep(life);
	});

	afterAll(() => life?.close());

	test('at the end of its life it is where it has to be, and nowhere else', () => {
		expect(surplus(found, expected)).toEqual([]);
		const missing = PLACES.filter((place) => expected[place] === 'holds it' && found[place].length === 0);
		expect(missing).toEqual([]);
	});

	test('what doce keeps of it is one sealed row', () => {
		const database = new DatabaseSync(join(life.doce.dataDir, 'doce.sqlite'), { readOnly: true });
		const rows = database.prepare('select delivery, sealed_credential from provider_connections').all();
		database.close();
		expect(rows).toEqual([{ delivery, sealed_credential: expect.stringMatching(/.{60,}/) }]);
	});

	test('disconnected, it is in no file any more, and in the memory only of what has read it', async () => {
		const { doce, recorder, connectionId, projectId } = life;
		await recorder.ask('settings/disconnectProvider', { connectionId });
		await until(async () => {
			const { receipts } = await recorder.ask('settings/listReceipts', { connectionId });
			return receipts.every(({ state }: { state: string }) => state === 'done');
		});
		const { 'auth.json of OpenCode': _, ...left } = expected;
		expect(surplus(await sweep(life), left)).toEqual([]);
		await recorder.ask('projects/stop', { projectId });
		await until(async () => (await doce.call('projects/get', { projectId })).project.status === 'stopped');
		const { 'memory of OpenCode': __, 'other files of the data folder': ___, ...ours } = left;
		expect(surplus(await sweep(life), ours)).toEqual([]);
	});
});

test('what docs/security.md publishes is what is held here', () => {
	const text = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');
	const published = /<!-- leak sweep -->\n+([\s\S]*?)\n+<!-- \/leak sweep -->/.exec(text)?.[1];
	expect(published?.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---')).toBe(toTable());
});
