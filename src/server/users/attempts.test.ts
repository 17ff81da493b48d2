import { expect, test } from 'vitest';
import { createAttempts } from './attempts.ts';

const wrong = async () => undefined;
const right = async () => 'in';

/** How many of `times` guesses at the same moment were tried at all. */
async function atOnce(times: number, run: (guess: () => Promise<undefined>, n: number) => Promise<unknown>) {
	let tried = 0;
	const guess = async (): Promise<undefined> => {
		tried += 1;
		await new Promise((resolve) => setImmediate(resolve));
		return undefined;
	};
	await Promise.allSettled(Array.from({ length: times }, (_, n) => run(guess, n)));
	return tried;
}

test('guesses at the same moment count like guesses one after another', async () => {
	const attempts = createAttempts();
	expect(await atOnce(50, (guess) => attempts.run('ada', '10.0.0.1', guess))).toBe(5);
	await expect(attempts.run('Ada', '10.0.0.1', right)).rejects.toThrow('Too many failed attempts');
	expect(await attempts.run('ada', '10.0.0.2', right)).toBe('in');
});

test('one address tries thirty passwords a minute, over however many accounts', async () => {
	const attempts = createAttempts();
	expect(await atOnce(100, (guess, n) => attempts.run(`person-${n}`, '10.0.0.1', guess))).toBe(30);
	await expect(attempts.run('somebody new', '10.0.0.1', right)).rejects.toThrow('Too many failed attempts');
});

test('the addresses of one IPv6 network are one place; an IPv4 address is the same in either spelling', async () => {
	const attempts = createAttempts();
	expect(await atOnce(50, (guess, n) => attempts.run('ada', `2001:db8:0:1::${n}`, guess))).toBe(5);
	await expect(attempts.run('ada', '2001:db8::1:ffff:0:0:1', right)).rejects.toThrow('Too many');
	expect(await attempts.run('ada', '2001:db8:0:2::1', right)).toBe('in');
	expect(await atOnce(50, (guess, n) => attempts.run('ada', n % 2 ? '10.0.0.1' : '::ffff:10.0.0.1', guess))).toBe(5);
	expect(await attempts.run('ada', '::ffff:10.0.0.2', right)).toBe('in');
	expect(await atOnce(50, (guess) => attempts.run('ada', 'no address', guess))).toBe(5);
});

test('what was right, and what broke, is taken back', async () => {
	const attempts = createAttempts();
	const broken = () => Promise.reject(new Error('the database is away'));
	for (let n = 0; n < 100; n++) {
		if (n % 10 === 0) await attempts.run('ada', '10.0.0.1', broken).catch(() => undefined);
		expect(await attempts.run('ada', '10.0.0.1', right)).toBe('in');
	}
	for (let n = 0; n < 4; n++) await attempts.run('ada', '10.0.0.1', wrong);
	expect(await attempts.run('ada', '10.0.0.1', right)).toBe('in');
	for (let n = 0; n < 4; n++) expect(await attempts.run('ada', '10.0.0.1', wrong)).toBeUndefined();
});

test('the wait is a minute, then two, and so on up to a quarter of an hour', async () => {
	let now = 1_000_000_000;
	const attempts = createAttempts(() => now);
	const waits: number[] = [];
	for (let round = 0; round < 6; round++) {
		for (let n = 0; n < 5; n++) await attempts.run('ada', '10.0.0.1', wrong);
		const refusal = await attempts.run('ada', '10.0.0.1', right).catch((error: Error) => error.message);
		const seconds = Number(/(\d+) seconds/.exec(String(refusal))?.[1]);
		waits.push(seconds / 60);
		now += seconds * 1000;
	}
	expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
});
