import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { normalise } from './files.ts';

test('what is laid out may be read by everybody, and tells nothing of when and how it was made', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'doce-stage-'));
	onTestFinished(() => rm(folder, { recursive: true }));
	await mkdir(join(folder, 'in/side'), { recursive: true, mode: 0o700 });
	await writeFile(join(folder, 'in/side/text'), 'x', { mode: 0o600 });
	await writeFile(join(folder, 'in/program'), 'x');
	await chmod(join(folder, 'in/program'), 0o4750);
	await symlink('nowhere', join(folder, 'in/link'));

	await normalise(folder);

	const modes = { 'in/side/text': 0o444, 'in/program': 0o555, 'in/side': 0o755, in: 0o755, '.': 0o755 };
	for (const [path, mode] of Object.entries(modes)) expect((await lstat(join(folder, path))).mode & 0o7777).toBe(mode);
	for (const path of [...Object.keys(modes), 'in/link']) {
		expect((await lstat(join(folder, path))).mtime.toISOString()).toBe('2000-01-01T00:00:00.000Z');
	}
});
