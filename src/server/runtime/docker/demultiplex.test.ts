import { expect, test } from 'vitest';
import { demultiplex } from './demultiplex.ts';

function frame(stream: number, text: string): Buffer {
	const head = Buffer.alloc(8);
	head[0] = stream;
	head.writeUInt32BE(Buffer.byteLength(text), 4);
	return Buffer.concat([head, Buffer.from(text)]);
}

test('both streams are told apart, and their order is kept', () => {
	const { stdout, stderr, all } = demultiplex(
		Buffer.concat([frame(1, 'one '), frame(2, 'oh '), frame(1, ''), frame(1, 'zwei')]),
	);
	expect([stdout, stderr, all].map(String)).toEqual(['one zwei', 'oh ', 'one oh zwei']);
});

test('output that was cut off ends where it ends', () => {
	const whole = Buffer.concat([frame(1, 'whole'), frame(1, 'partly')]);
	expect(demultiplex(whole.subarray(0, whole.length - 3)).stdout.toString()).toBe('wholepar');
	expect(demultiplex(whole.subarray(0, 17)).stdout.toString()).toBe('whole');
	expect(demultiplex(Buffer.alloc(0)).all.toString()).toBe('');
});
