import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isWorkerGone, workerId } from './workerId.ts';

const MODULE = fileURLToPath(new URL('./workerId.ts', import.meta.url));

it('knows whether the process behind an id lives', async () => {
	expect(isWorkerGone(workerId())).toBe(false);
	expect(isWorkerGone(`${workerId()}/lease`)).toBe(false);
	const program = `import { workerId } from ${JSON.stringify(MODULE)}; console.log(workerId()); setInterval(() => {}, 1e6);`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
	const id = String(line).trim();
	expect(id).not.toBe(workerId());
	expect(isWorkerGone(id)).toBe(false);
	child.kill('SIGKILL');
	await once(child, 'close');
	expect(isWorkerGone(id)).toBe(true);
});

it('does not judge what it cannot see: another host, another boot or container, no id at all', () => {
	const [host, place, pid] = workerId().split('/');
	expect(isWorkerGone(`elsewhere/${place}/${pid}/1`)).toBe(false);
	expect(isWorkerGone(`${host}/00000000/${pid}/1`)).toBe(false);
	expect(isWorkerGone('')).toBe(false);
	expect(isWorkerGone(`${host}/${place}/${pid}/1`)).toBe(true);
});
