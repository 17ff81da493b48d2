import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type FakeRegistry = { url: string; asked: string[]; close(): void };

/** An npm registry on loopback that has one package, with one file that says `text`. */
export async function startFakeRegistry(name: string, text: string): Promise<FakeRegistry> {
	const tarball = packageOf(name, text);
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const path = decodeURIComponent(request.url ?? '');
		asked.push(path);
		if (path === `/${name}.tgz`) return void response.end(tarball);
		if (path !== `/${name}`) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
		const version = { name, version: '1.0.0', dist: { tarball: `${url}/${name}.tgz` } };
		const versions = { '1.0.0': version };
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		asked,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

function packageOf(name: string, text: string): Buffer {
	const dir = mkdtempSync(join(tmpdir(), 'doce-package-'));
	try {
		mkdirSync(join(dir, 'package'));
		writeFileSync(join(dir, 'package/package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
		writeFileSync(join(dir, 'package/index.js'), `module.exports = ${JSON.stringify(text)};\n`);
		execFileSync('tar', ['-czf', join(dir, 'all.tgz'), '-C', dir, 'package']);
		return readFileSync(join(dir, 'all.tgz'));
	} finally {
		rmSync(dir, { recursive: true });
	}
}
