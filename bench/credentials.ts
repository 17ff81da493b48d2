import { randomBytes } from 'node:crypto';
import { Secret } from '../src/server/secret.ts';
import { startOpenCode } from '../test/harness/openCode.ts';
import { printRow, time } from './figures.ts';

const RUNS = 50;

/** `auth.set` on a real OpenCode that nothing else disturbs, one after another. */
export async function benchCredentials(): Promise<void> {
	const running = await startOpenCode({ providers: [] });
	const times: number[] = [];
	for (let run = 0; run < RUNS; run++) {
		const key = new Secret(randomBytes(24).toString('hex'));
		times.push(await time(() => running.openCode.setCredential('anthropic', { type: 'api', key })));
	}
	await running.destroy();
	printRow('auth.set', times, 'ms');
}
