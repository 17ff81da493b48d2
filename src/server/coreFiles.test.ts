import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { keepMemoryOutOfCoreFiles } from ${JSON.stringify(join(import.meta.dirname, 'coreFiles.ts'))};
const worked = keepMemoryOutOfCoreFiles();
const own = readFileSync('/proc/self/coredump_filter', 'utf8').trim();
const child = execFileSync('cat', ['/proc/self/coredump_filter'], { encoding: 'utf8' }).trim();
console.log(JSON.stringify({ worked, own, child }));
`;

test('what a process and those it starts hold is left out of core files', () => {
	const argv = ['--input-type=module', '--eval', PROGRAM];
	const told = execFileSync(process.execPath, argv, {
		encoding: 'utf8',
		env: { ...process.env, NODE_NO_WARNINGS: '1' },
	});
	expect(JSON.parse(told)).toEqual({ worked: true, own: '00000000', child: '00000000' });
});
