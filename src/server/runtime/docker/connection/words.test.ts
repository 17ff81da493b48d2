import { expect, test } from 'vitest';
import { missingImageWords, unfitWords, unreachableWords } from './words.ts';

const failed = (code: string) => Object.assign(new Error(code), { code });
const version = { Version: '20.10.24', ApiVersion: '1.41' };

test('each way not to reach Docker has its own cure', () => {
	expect(unreachableWords(failed('ENOENT'))).toMatch(/Install Docker Engine 20\.10/);
	expect(unreachableWords(failed('EACCES'))).toMatch(/group "docker"/);
	expect(unreachableWords(failed('ECONNREFUSED'))).toMatch(/Start it/);
	expect(missingImageWords('doce-project:1')).toMatch(/doce-project:1 .*npm run docker:build/);
});

test('an engine that is too old, not Linux, or shifts users is refused by name', () => {
	expect(unfitWords(version, { OSType: 'linux', SecurityOptions: ['name=seccomp,profile=default'] })).toBeUndefined();
	expect(unfitWords({ Version: '29.0', ApiVersion: '2.0' }, { OSType: 'linux' })).toBeUndefined();
	expect(unfitWords({ Version: '19.03.1', ApiVersion: '1.40' }, { OSType: 'linux' })).toMatch(/19\.03\.1 is too old/);
	expect(unfitWords(version, { OSType: 'windows' })).toMatch(/Linux containers/);
	for (const option of ['name=rootless', 'name=userns'])
		expect(unfitWords(version, { OSType: 'linux', SecurityOptions: [option] })).toMatch(/other users/);
});
