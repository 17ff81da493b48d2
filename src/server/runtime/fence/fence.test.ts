import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { ATTEMPTS, type Attempts } from '../../../../test/fenceAttempts.ts';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import { listMarked } from '../process/table.ts';
import { createProcessRuntime } from '../process.ts';
import { getFrom } from '../runtime.contract.ts';
import type { Destination, Runtime, RuntimeSpec } from '../runtime.ts';
import { openSeparation } from './fence.ts';

const logger = createLogger('silent');
let dir: string;
let runtime: Runtime;
let doce: Server;

const specOf = (projectId: string): RuntimeSpec => {
	const folder = join(dir, 'projects', projectId);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'own.txt'), `files of ${projectId}`);
	return projectOfTinyServers(projectId, folder);
};
const start = (spec: RuntimeSpec) => runtime.start(spec, new AbortController().signal);
const local = (port: number): Destination => ({ host: '127.0.0.1', port, local: true });
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-fence-'));
	mkdirSync(join(dir, 'keys'));
	for (const name of ['doce.db', 'keys/master.key']) writeFileSync(join(dir, name), 'secret of doce');
	doce = createServer((_, response) => response.end('doce itself')).listen(0, '127.0.0.1');
	const run = join(dir, 'run');
	runtime = createProcessRuntime({
		dir: run,
		logger,
		separation: await openSeparation({ dir: run, logger, mode: 'auto' }),
		graceMs: 300,
	});
});
afterEach(async () => {
	await runtime.stopAll();
	doce.close();
	doce.closeAllConnections();
	rmSync(dir, { recursive: true });
});

/** Runs a program of Node's in a project, and reads the JSON it prints. */
async function inside(projectId: string, program: string, ...args: string[]): Promise<unknown> {
	const { exitCode, stdout, stderr } = await runtime.exec(projectId, ['node', '--eval', program, ...args]);
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	return JSON.parse(stdout);
}

describe('from inside a fence', () => {
	test('nothing of doce, of the neighbours, of the machine or of the network is reached', async () => {
		const [, neighbour] = [await start(specOf('p1')), await start(specOf('p2'))];
		await until(async () => (await getFrom(neighbour, 'preview', '/')).includes('p2'));
		const files = ['doce.db', 'keys/master.key', 'projects/p2/own.txt', 'run/p1.json', 'run/p2.json'].map((name) =>
			join(dir, name),
		);
		const outside = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
		const own = outside.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
		const places = {
			files: [...files, '/etc/shadow', `/proc/${process.pid}/environ`],
			ports: [portOf(doce), neighbour.preview.port, neighbour.opencode.port],
			hosts: ['169.254.169.254:80', '1.1.1.1:443', ...own.map((address) => `${address}:${portOf(doce)}`)],
		};
		const attempts = (await inside('p1', ATTEMPTS, JSON.stringify(places))) as Attempts;
		const succeeded = Object.entries(attempts).filter(([, outcome]) => !outcome.startsWith('refused: '));
		expect(succeeded).toEqual([]);
		// The control: without a fence the same attempts find what is there.
		const plain = execFileSync('node', ['--eval', ATTEMPTS, JSON.stringify(places)], { cwd: dir, encoding: 'utf8' });
		const control = JSON.parse(plain.trim().split('\n').at(-1) ?? '') as Attempts;
		for (const name of [...files.map((file) => `read ${file}`), 'other processes', `dial 127.0.0.1:${portOf(doce)}`])
			expect(control[name]).toMatch(/^got /);
		expect(Object.keys(attempts).length).toBeGreaterThan(Object.keys(control).length);
	});

	test('the project itself is all there', async () => {
		const address = await start(specOf('p1'));
		await until(async () => (await getFrom(address, 'preview', '/')).includes('p1'));
		const program = `
			const fs = require('node:fs');
			fs.writeFileSync('new.txt', 'kept');
			fs.writeFileSync('/tmp/mine', 'gone');
			console.log(JSON.stringify({ own: fs.readFileSync('own.txt', 'utf8'), npm: require('node:child_process').execFileSync('npm', ['--version'], { encoding: 'utf8' }) }));
		`;
		expect(await inside('p1', program)).toEqual({ own: 'files of p1', npm: expect.stringMatching(/^\d+\./) });
		expect(readFileSync(join(dir, 'projects/p1/new.txt'), 'utf8')).toBe('kept');
	});

	test('what is OpenCode’s own the preview does not see, nor a command that runs beside it', async () => {
		const [home, gateway] = [join(dir, 'home'), join(dir, 'gateway')];
		for (const folder of [home, gateway]) mkdirSync(folder);
		const door = createServer((_, response) => response.end('the gateway')).listen(join(gateway, 'g.sock'));
		const look = `
			const fs = require('node:fs');
			const [name, file] = process.argv.slice(1);
			const read = () => { try { return fs.readFileSync(file, 'utf8'); } catch (error) { return error.code; } };
			require('node:net').connect(7777, '127.0.0.1').once('connect', () => done('open')).once('error', (error) => done(error.code));
			const done = (port) => { fs.writeFileSync(name + '.json', JSON.stringify([read(), port])); setInterval(() => {}, 1000); };
		`;
		writeFileSync(join(home, 'auth.json'), 'a token');
		const spec = specOf('p1');
		const own = { write: [home], read: [], ports: [{ port: 7_777, socket: join(gateway, 'g.sock') }] };
		const processes = spec.processes.map((one) => ({
			name: one.name,
			...(one.name === 'opencode' && { own }),
			command: (port: number) => {
				const argv = [process.execPath, '-e', look, one.name, join(home, 'auth.json')];
				return { ...one.command(port), argv };
			},
		}));
		await start({ ...spec, processes });
		const sawOf = (name: string) => JSON.parse(readFileSync(join(dir, 'projects/p1', `${name}.json`), 'utf8'));
		await until(async () => sawOf('opencode') !== undefined && sawOf('preview') !== undefined);
		expect([sawOf('opencode'), sawOf('preview')]).toEqual([
			['a token', 'open'],
			['ENOENT', 'ECONNREFUSED'],
		]);
		const beside = await runtime.exec('p1', ['ls', home]);
		expect(beside.exitCode).not.toBe(0);
		door.close();
	});

	test('a link in place of a socket does not lead doce anywhere else', async () => {
		const spec = specOf('p1');
		const trap = join(dir, 'other.sock');
		const other = createServer((_, response) => response.end('somebody else')).listen(trap);
		const [opencode, preview] = spec.processes;
		const evil = `
			const fs = require('node:fs');
			for (let n = 0; n < 200; n++) { try { fs.rmSync('/run/doce/out/out.sock', { force: true }); fs.symlinkSync(process.argv[1], '/run/doce/out/out.sock'); } catch {} }
			setInterval(() => {}, 1000);
		`;
		const processes = [opencode, preview]
			.flatMap((one) => one ?? [])
			.map((one) => ({
				...one,
				command: (port: number) =>
					one.name === 'preview'
						? { ...one.command(port), argv: [process.execPath, '-e', evil, trap] }
						: one.command(port),
			}));
		const address = await start({ ...spec, processes });
		await sleep(1_500);
		const answer = await getFrom(address, 'preview', '/').catch(() => 'nothing');
		expect(answer).not.toContain('somebody else');
		other.close();
	});
});

/** What a program inside gets from an address by Node's own request, or by the proxy for anything else. */
const FETCH = `
	const http = require('node:http');
	const url = process.argv[1];
	const options = process.argv[2] === 'proxy' ? { host: '127.0.0.1', port: 3128, path: url } : url;
	http.get(options, (answer) => { let text = ''; answer.on('data', (part) => (text += part)); answer.on('end', () => console.log(JSON.stringify(answer.statusCode + ' ' + text.trim()))); })
		.on('error', (error) => console.log(JSON.stringify(error.code)));
`;

describe('the ways out of a fence', () => {
	test('a destination on this machine is there at its own port, from when it is allowed until it no longer is', async () => {
		const url = `http://127.0.0.1:${portOf(doce)}/`;
		await start(specOf('p1'));
		expect(await inside('p1', FETCH, url)).toBe('ECONNREFUSED');
		await runtime.allow('p1', [local(portOf(doce))]);
		expect(await inside('p1', `setTimeout(() => { ${FETCH} }, 500)`, url)).toBe('200 doce itself');
		await runtime.allow('p1', []);
		expect(await inside('p1', `setTimeout(() => { ${FETCH} }, 500)`, url)).toBe('ECONNREFUSED');
	});

	test('a connection that is under way ends when its destination is no longer allowed', async () => {
		await start(specOf('p1'));
		await runtime.allow('p1', [local(portOf(doce))]);
		const program = `
			const socket = require('node:net').connect(3128, '127.0.0.1', () => socket.write('CONNECT ' + process.argv[1] + ' HTTP/1.1\\r\\n\\r\\n'));
			socket.once('data', (data) => { require('node:fs').writeFileSync('open.txt', String(data)); });
			socket.once('close', () => console.log(JSON.stringify('closed')));
			socket.resume();
		`;
		const running = inside('p1', program, `127.0.0.1:${portOf(doce)}`);
		await until(async () => readFileSync(join(dir, 'projects/p1/open.txt'), 'utf8').includes(' 200 '));
		await runtime.allow('p1', []);
		expect(await running).toBe('closed');
	});

	test('what is allowed to one project is not allowed to its neighbour', async () => {
		await Promise.all([start(specOf('p1')), start(specOf('p2'))]);
		await runtime.allow('p1', [local(portOf(doce))]);
		const url = `http://127.0.0.1:${portOf(doce)}/`;
		expect(await inside('p1', FETCH, url, 'proxy')).toBe('200 doce itself');
		expect(await inside('p2', FETCH, url, 'proxy')).toMatch(/^403 doce does not let projects connect/);
	});

	test('a name that leads to a private address is refused, however public it looks', async () => {
		await start(specOf('p1'));
		await runtime.allow('p1', [{ host: 'localhost', port: portOf(doce), local: false }]);
		expect(await inside('p1', FETCH, `http://localhost:${portOf(doce)}/`, 'proxy')).toMatch(/^502 .*not allowed/);
	});

	test('a socket of ours appears inside as a port', async () => {
		const folder = join(dir, 'gateway');
		mkdirSync(folder);
		const socket = join(folder, 'g.sock');
		const gateway = createServer((_, response) => response.end('the gateway')).listen(socket);
		const spec = specOf('p1');
		await start({ ...spec, access: { ...spec.access, ports: [{ port: 7_777, socket }] } });
		expect(await inside('p1', FETCH, 'http://127.0.0.1:7777/')).toBe('200 the gateway');
		gateway.close();
		await sleep(50);
		const next = createServer((_, response) => response.end('the next gateway')).listen(socket);
		expect(await inside('p1', FETCH, 'http://127.0.0.1:7777/')).toBe('200 the next gateway');
		next.close();
	});

	test('a proxy that dies is started again, with what was allowed', async () => {
		await start(specOf('p1'));
		await runtime.allow('p1', [local(portOf(doce))]);
		const url = `http://127.0.0.1:${portOf(doce)}/`;
		expect(await inside('p1', FETCH, url, 'proxy')).toBe('200 doce itself');
		const pid = execFileSync('pgrep', ['-f', join(dir, 'run/fence')], { encoding: 'utf8' })
			.trim()
			.split('\n');
		for (const each of pid) {
			if (readFileSync(`/proc/${each}/comm`, 'utf8').startsWith('doce proxy')) process.kill(Number(each), 'SIGKILL');
		}
		await until(async () => (await inside('p1', FETCH, url, 'proxy')) === '200 doce itself');
	});
});

test('a command of a project that does not run is fenced in as well, and leaves nothing open', async () => {
	const folder = join(dir, 'alone');
	mkdirSync(folder);
	const access = { write: [folder], read: [], destinations: [local(portOf(doce))], ports: [] };
	const program = `${FETCH} require('node:fs').writeFileSync('seen', String(require('node:fs').existsSync('${dir}/doce.db')))`;
	const url = `http://127.0.0.1:${portOf(doce)}/`;
	const command = { argv: ['node', '--eval', program, url, 'proxy'], env: {}, cwd: folder };
	const { stdout } = await runtime.run('p9', command, access);
	expect([JSON.parse(stdout), readFileSync(join(folder, 'seen'), 'utf8')]).toEqual(['200 doce itself', 'false']);
	expect(existsSync(join(dir, 'run/fence/p9'))).toBe(false);
	expect(existsSync(join(dir, 'run/fence/control.sock'))).toBe(false);
});

test('what a command leaves behind neither keeps it from ending nor outlives it', async () => {
	const folder = join(dir, 'left');
	mkdirSync(folder);
	const access = { write: [folder], read: [], destinations: [], ports: [] };
	const command = { argv: ['sh', '-c', 'setsid sleep 600 & echo done'], env: {}, cwd: folder };
	expect(await runtime.run('p10', command, access)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
	await until(async () => listMarked(join(dir, 'run')).every(({ projectId }) => projectId !== 'p10'));
});

async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; !(await condition().catch(() => false)); tries++) {
		if (tries > 100) throw new Error('It did not happen in time');
		await sleep(100);
	}
}
