import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectImage } from '#server/runtime/docker/image.ts';
import { stageProject } from './stageProject.ts';

const ROOT = join(import.meta.dirname, '..');
const PATH = '/usr/local/bin:/usr/bin:/bin';

const run = (program: string, ...argv: string[]) => execFileSync(program, argv, { encoding: 'utf8', env: { PATH } });

test('the image of projects is under 700 MB, and starts as nobody', () => {
	const [{ Size, Config }] = JSON.parse(run('docker', 'image', 'inspect', projectImage(ROOT)));
	expect(Size).toBeLessThan(700e6);
	expect(Config.User).toMatch(/^10001\b/);
});

test('what is laid out for it is the same each time, to the bit', async () => {
	const digests = [];
	for (const _ of ['once', 'again']) {
		const folder = mkdtempSync(join(tmpdir(), 'doce-stage-'));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		await stageProject(ROOT, join(folder, 'staged'));
		digests.push(
			run('bash', '-o', 'pipefail', '-c', 'tar --sort=name -C "$1" -c . | sha256sum', 'bash', join(folder, 'staged')),
		);
	}
	expect(digests[1]).toBe(digests[0]);
});
