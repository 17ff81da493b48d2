import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { type DirectUse, recordDirectUse } from './direct.ts';
import { reportUsage } from './report.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});

afterEach(() => fixture.close());

const USE: DirectUse = {
	answerId: 'msg_1',
	at: Date.parse('2026-01-02T23:59:59Z'),
	durationMs: 1_500,
	userId: ADA.id,
	projectId: 'p1',
	connectionId: 'c1',
	providerId: 'anthropic',
	modelId: 'sonnet-1',
	tokens: { input: 10, cached: 4, output: 3, reasoning: 2 },
	priceUsd: 0.0123456,
};

test('an answer is on record once, however often it is told, and another project’s is another', async () => {
	await recordDirectUse(fixture.db, [USE]);
	await recordDirectUse(fixture.db, [USE, { ...USE, answerId: 'msg_2' }]);
	await recordDirectUse(fixture.db, [{ ...USE, projectId: 'p2' }]);
	await recordDirectUse(fixture.db, []);
	const days = { from: '2026-01-02', to: '2026-01-02' };
	expect(await reportUsage(fixture.db, days, 'project')).toEqual([
		{
			id: 'p1',
			calls: 2,
			inputTokens: 20,
			cachedTokens: 8,
			outputTokens: 6,
			reasoningTokens: 4,
			priceUsd: 0.024692,
		},
		expect.objectContaining({ id: 'p2', calls: 1 }),
	]);
});
