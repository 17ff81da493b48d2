import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { requirePlainPath } from './places.ts';

test('files and folders of the folder are what they are called; links, sockets and what is elsewhere are not', async () => {
	const seenAt = mkdtempSync(join(tmpdir(), 'doce-places-'));
	onTestFinished(() => rmSync(seenAt, { recursive: true }));
	const look = (path: string) => requirePlainPath({ source: '/volumes/data', seenAt }, path);
	mkdirSync(join(seenAt, 'a/b'), { recursive: true });
	writeFileSync(join(seenAt, 'a/file'), '');
	symlinkSync('/', join(seenAt, 'a/link'));
	symlinkSync('b', join(seenAt, 'a/near'));
	const server = createServer().listen(join(seenAt, 'a/socket'));
	onTestFinished(() => void server.close());

	await look('/volumes/data/a/b');
	await look('/volumes/data/a/file');
	const refusals = ['a/link', 'a/link/etc', 'a/near', 'a/near/x', 'a/socket', 'a/missing', '../data2', 'a/../../x'];
	for (const path of refusals)
		await expect(look(`/volumes/data/${path}`), path).rejects.toMatchObject({ code: 'forbidden' });
	for (const path of ['/', '/volumes/data', '/volumes/database', '/etc'])
		await expect(look(path), path).rejects.toMatchObject({ code: 'forbidden' });
});
