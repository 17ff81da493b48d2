import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
	clearSockets,
	OUT_SOCKET,
	outFolder,
	placesOf,
	publishedSocket,
	publishSocket,
	removeSockets,
	type SocketPlaces,
} from './sockets.ts';

let root: string;
let places: SocketPlaces;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'doce-sockets-'));
	places = placesOf(root, 'p');
	clearSockets(places, 'preview');
});
afterEach(() => rmSync(root, { recursive: true }));

test('a project that makes and removes its socket all the time has it published in the end, and harms nobody', async () => {
	const program = `
		const fs = require('node:fs');
		const [keep, at] = process.argv.slice(1);
		require('node:net').createServer().listen(keep, () => {
			const end = Date.now() + 1500;
			while (Date.now() < end) {
				try { fs.linkSync(keep, at); } catch {}
				try { fs.unlinkSync(at); } catch {}
			}
			fs.linkSync(keep, at);
		});
	`;
	const out = outFolder(places, 'preview');
	const child = spawn(process.execPath, ['--eval', program, join(out, 'keep'), join(out, OUT_SOCKET)]);
	// As many as it takes to meet the moment between looking and linking.
	for (let tries = 0; tries < 40; tries++) {
		rmSync(publishedSocket(places, 'preview'), { force: true });
		publishSocket(places, 'preview', () => child.exitCode === null);
		await sleep(25);
	}
	rmSync(publishedSocket(places, 'preview'), { force: true });
	publishSocket(places, 'preview', () => child.exitCode === null);
	for (let tries = 0; tries < 200 && !existsSync(publishedSocket(places, 'preview')); tries++) await sleep(25);
	expect(existsSync(publishedSocket(places, 'preview'))).toBe(true);
	child.kill('SIGKILL');
	await once(child, 'exit');
});

test('what is no socket any more, once it is linked, is not published, and looked for again', async () => {
	const path = join(outFolder(places, 'preview'), OUT_SOCKET);
	writeFileSync(path, 'no socket');
	publishSocket(places, 'preview', () => true);
	await sleep(60);
	expect(existsSync(publishedSocket(places, 'preview'))).toBe(false);
	rmSync(path);
	const server = createServer().listen(path);
	for (let tries = 0; tries < 100 && !existsSync(publishedSocket(places, 'preview')); tries++) await sleep(25);
	expect(existsSync(publishedSocket(places, 'preview'))).toBe(true);
	server.close();
});

test('whatever a project leaves there, its place is free afterwards, and each process has its own', () => {
	clearSockets(places, 'opencode');
	const program = `
		const fs = require('node:fs');
		process.chdir(process.argv[1]);
		fs.mkdirSync('closed/in', { recursive: true });
		for (const name of ['closed/in', 'closed']) fs.chmodSync(name, 0);
		for (let depth = 0; depth < 300; depth++) { fs.mkdirSync('x'.repeat(200)); process.chdir('x'.repeat(200)); }
	`;
	const out = outFolder(places, 'preview');
	execFileSync(process.execPath, ['--eval', program, out]);
	writeFileSync(join(outFolder(places, 'opencode'), 'kept'), '');
	clearSockets(places, 'preview');
	expect(readdirSync(out)).toEqual([]);
	expect(readdirSync(outFolder(places, 'opencode'))).toEqual(['kept']);
	execFileSync(process.execPath, ['--eval', program, out]);
	removeSockets(places);
	expect(existsSync(places.folder)).toBe(false);
});
