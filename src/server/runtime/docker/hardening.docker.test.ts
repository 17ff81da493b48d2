import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../../../test/harness/doce.ts';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import type { LimitName } from '../runtime.ts';
import { docker, type Ground, IMAGE, openGround } from './testing/ground.ts';

const MB = 1024 * 1024;
const NOBODYS = 'doce-test-of-somebody-else';

const LISTENER =
	'const server = require("node:net").createServer((socket) => socket.end("reached\\n")); server.listen(0, "0.0.0.0", () => console.log(server.address().port))';

let ground: Ground;
/** Something of this machine that listens on all of its addresses. */
let service: ChildProcess;
let port: number;
let told: string[];

beforeAll(async () => {
	ground = openGround();
	service = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [said] = await once(service.stdout as NodeJS.ReadableStream, 'data');
	port = Number(said);
	await Promise.all([ground.start('p1', { memoryBytes: 768 * MB }), ground.start('p2')]);
	const tell = (id: string, limit: LimitName, name?: string) => told.push(`${id} ${limit} ${name ?? ''}`.trim());
	ground.runtime.onLimit(tell);
	ground.runtime.onExit((id, name) => told.push(`${id} ended: ${name}`));
});

beforeEach(() => {
	told = [];
});

afterAll(async () => {
	await ground.stop();
	ground.remove();
	service.kill();
});

/** The address of the machine on Docker's usual network, for who is on it. */
const GATEWAY =
	'node -e \'console.log(fs.readFileSync("/proc/net/route", "utf8").split(/\\s+/)[13].match(/../g).reverse().map((hex) => parseInt(hex, 16)).join("."))\'';

/** Runs a line of shell in an ordinary container, such as anybody would start. */
function onBridge(line: string): string {
	return docker('run', '--rm', '--entrypoint', 'sh', IMAGE, '-c', line);
}

/** What comes of opening a connection and waiting for a word. */
function tryConnect(host: string, at: number): string {
	return `node -e 'require("node:net").connect(${at}, "${host}").setTimeout(3000, () => { console.log("silent"); process.exit(); }).on("error", (error) => console.log(error.code)).on("data", (data) => { console.log(String(data).trim()); process.exit(); })'`;
}

test('no address of this machine is there, that of the bridge included, nor a neighbour, the internet or a name', async () => {
	const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
	// The control: on Docker's usual network the machine is there.
	const bridge = onBridge(GATEWAY);
	expect(onBridge(tryConnect(bridge, port))).toBe('reached');
	for (const host of [bridge, ...addresses.filter((one) => !one.includes(':') && one !== '127.0.0.1')])
		expect(await ground.shell('p1', tryConnect(host, port))).toMatch(/^ENETUNREACH/);
	for (const host of ['169.254.169.254', '1.1.1.1', '10.0.0.1', 'fd00:ec2::254'])
		expect(await ground.shell('p1', tryConnect(host, 80))).toMatch(/^(ENETUNREACH|EADDRNOTAVAIL)/);
	for (const host of ['example.com', 'host.docker.internal', 'project', 'metadata.google.internal'])
		expect(await ground.shell('p1', tryConnect(host, 80))).toMatch(/^(EAI_AGAIN|ENOTFOUND|ECONNREFUSED)/);
	// Its own 127.0.0.1 is nobody else's: not this machine's, nor its own agent's.
	for (const at of [port, 4096, 4321])
		expect(await ground.shell('p1', tryConnect('127.0.0.1', at))).toMatch(/^ECONNREFUSED/);
	expect(await ground.shell('p1', 'tail -n +3 /proc/net/dev | cut -d: -f1')).toMatch(/^\s*lo\s*$/);
});

test('of doce, of its neighbours and of Docker there is nothing to be found', async () => {
	const seen = await ground.shell('p1', `ls -A ${ground.dir} /run /run/doce /run/doce/* /var/run 2>&1`);
	expect(seen).toContain('files-p1');
	expect(seen).not.toContain('files-p2');
	expect(seen).not.toMatch(/docker\.sock|\.json/);
	expect(await ground.shell('p1', 'ls /proc | grep -c "^[0-9]"')).toMatch(/^[1-9]\n$/);
	expect(await ground.shell('p1', 'env')).not.toContain(process.env['HOME'] ?? '/root');
});

test('it is nobody, can become nobody else, and has no say', async () => {
	const status = await ground.shell('p1', 'id -u; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status');
	expect(status).toMatch(/^10001\n/);
	expect(status.match(/Cap\w+:\s+0{16}/g)).toHaveLength(5);
	expect(status).toMatch(/NoNewPrivs:\s+1/);
	expect(status).toMatch(/Seccomp:\s+2/);
	expect(await ground.shell('p1', 'find / -xdev -perm /6000 2>/dev/null')).toBe('');
	const rights = [
		...['mount -t tmpfs none /tmp', 'unshare --user --map-root-user id', 'unshare --net id', 'chown 0 /tmp'],
		...['su -c id', 'mknod /tmp/disk b 254 0', 'chroot / id', 'renice -n -5 $$'],
	];
	// The control: root with a say can do all of it.
	const say = ['--user', '0', '--cap-add', 'SYS_ADMIN', '--cap-add', 'SYS_NICE'];
	const open = ['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'];
	const all = rights.map((line) => `( ${line} )`).join('\n');
	docker('run', '--rm', ...say, ...open, '--entrypoint', 'sh', IMAGE, '-exc', all);
	const tries = [
		...rights,
		...[
			'kill -9 1 && ! kill -0 1',
			'echo x > /proc/sys/kernel/core_pattern',
			'echo 1 > /proc/sysrq-trigger',
			'dmesg',
			'cat /proc/kcore',
		],
		...['ls /sys/kernel/debug/*', 'cat /dev/mem', 'ls /dev | grep -E "^(sd|vd|nvme|xvd|dm-)"'],
	];
	for (const line of tries)
		expect(await ground.shell('p1', `( ${line} ) >/dev/null 2>&1 || echo refused`)).toBe('refused\n');
});

test('the image cannot be written to, and what can be is not for devices or other users', async () => {
	const places = [
		'/',
		'/etc',
		'/usr/bin',
		'/opt/doce',
		'/opt/doce/scripts',
		'/run/doce',
		'/run/doce/in',
		'/home',
		'/dev',
		'/var',
	];
	for (const place of places)
		expect(await ground.shell('p1', `touch ${place}/x 2>/dev/null || echo refused`), place).toBe('refused\n');
	expect(await ground.shell('p1', `touch /tmp/x ${ground.folderOf('p1')}/x && echo written`)).toBe('written\n');
	expect(await ground.shell('p1', 'grep " /tmp " /proc/mounts')).toMatch(/nosuid,nodev/);
});

test('memory beside its own is not to be had: temporary files have an end, and so have processes', async () => {
	const fill = 'dd if=/dev/zero of=/tmp/big bs=1M count=300 2>&1';
	expect(await ground.shell('p1', fill)).toContain('No space left');
	const fork =
		'node -e \'const { spawn } = require("node:child_process"); let failed; for (let at = 0; at < 1100 && !failed; at++) try { spawn("sleep", ["20"]).on("error", () => { failed = true; }); } catch { failed = true; } setTimeout(() => { console.log(failed ? "refused" : "all of them"); process.exit(); }, 1000)\'';
	expect(await ground.shell('p1', fork)).toBe('refused\n');
	expect(await ground.shell('p1', 'ulimit -c; ulimit -f; ulimit -n')).toBe('0\n4194304\n4096\n');
	expect(await ground.shell('p1', 'echo still here')).toBe('still here\n');
});

test('out of memory is told as such, before the end that came of it', async () => {
	const eater = 'const all = []; setInterval(() => all.push(Buffer.alloc(8 * 1024 * 1024, 1)), 5);';
	const folder = ground.folderOf('p3');
	const spec = projectOfTinyServers('p3', folder);
	const [agent] = spec.processes;
	if (agent === undefined) throw new Error('There are two');
	const preview = {
		name: 'preview' as const,
		command: () => ({ argv: ['node', '-e', eater], env: {}, cwd: folder }),
	};
	const limits = { ...spec.limits, memoryBytes: 96 * MB };
	await ground.runtime.start({ ...spec, limits, processes: [agent, preview] }, AbortSignal.timeout(60_000));
	await until(() => told.includes('p3 ended: preview'), 30_000);
	expect(told).toEqual(['p3 memory preview', 'p3 ended: preview']);
	await ground.runtime.stop('p3');
});

test('a project that fills the disk beyond its limit is ended, and its neighbour is not', async () => {
	await ground.start('p4', { diskBytes: 16 * MB });
	const file = join(ground.folderOf('p4'), 'big');
	// What is there at the start may grow by 64 MB, to make room in.
	await ground.shell('p4', `dd if=/dev/zero of=${file} bs=1M count=48 2>/dev/null`);
	expect(await ground.runtime.list()).toContain('p4');
	await ground.shell('p4', `dd if=/dev/zero of=${file}-2 bs=1M count=200 2>/dev/null`).catch(() => '');
	await until(() => told.length >= 3, 30_000);
	expect(told[0]).toBe('p4 disk');
	expect(told.slice(1).sort()).toEqual(['p4 ended: opencode', 'p4 ended: preview']);
	expect(await ground.runtime.list()).not.toContain('p4');
	expect(await ground.runtime.find('p1')).toBeDefined();
	await ground.runtime.stop('p4');
});

test.each([
	{ where: 'the agent’s own folder', folder: 'home' },
	{ where: 'the folder of its socket', folder: '/run/doce/out' },
])('nor is there more room in $where', async ({ folder }) => {
	const home = ground.folderOf('home-p6');
	const spec = projectOfTinyServers('p6', ground.folderOf('p6'));
	const preview = spec.processes.find(({ name }) => name === 'preview');
	if (preview === undefined) throw new Error('There are two');
	const file = join(folder === 'home' ? home : folder, 'big');
	const fill = `const fs = require('node:fs'); for (let at = 0; at < 200; at++) fs.appendFileSync('${file}', Buffer.alloc(${MB}, 1)); setInterval(() => 0, 1000);`;
	const agent = {
		name: 'opencode' as const,
		own: { write: [home], read: [], ports: [] },
		command: () => ({ argv: ['node', '-e', fill], env: {}, cwd: home }),
	};
	const limits = { ...spec.limits, diskBytes: 16 * MB };
	await ground.runtime.start({ ...spec, limits, processes: [agent, preview] }, AbortSignal.timeout(60_000));
	await until(() => told.length >= 3, 30_000);
	expect(told[0]).toBe('p6 disk');
	expect(await ground.runtime.list()).not.toContain('p6');
	await ground.runtime.destroy('p6');
	rmSync(home, { recursive: true });
});

test('what it says without end is kept in bounds', async () => {
	const [id = ''] = ground.containers('p1');
	const config = JSON.parse(docker('inspect', '--format', '{{json .HostConfig.LogConfig}}', id));
	expect(config).toEqual({ Type: 'json-file', Config: { 'max-file': '2', 'max-size': String(MB) } });
});

test('limits can be set while it runs, and are there at once', async () => {
	await ground.runtime.limit('p2', { memoryBytes: 300 * MB, cpus: 0.5, diskBytes: 64 * MB });
	for (const id of ground.containers('p2')) {
		const now = docker('inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}', id);
		expect(now).toBe(`${300 * MB} 50000`);
	}
});

test('a container killed or removed from outside is noticed, and what is left of its project can be started again', async () => {
	await ground.start('p5');
	const before = ground.containers('p5');
	docker('kill', ...before.slice(0, 1));
	await until(() => told.length === 1);
	await ground.start('p5');
	expect(ground.containers('p5')).toHaveLength(2);
	docker('rm', '--force', ...ground.containers('p5'));
	await until(() => told.length === 3);
	expect(await ground.runtime.find('p5')).toBeUndefined();
	await ground.start('p5');
	expect(await ground.runtime.find('p5')).toBeDefined();
	await ground.runtime.stop('p5');
});

test('what a crash left is removed at the next start; what is not ours is left alone', async () => {
	const other = openGround();
	const run = (...argv: string[]) => docker('run', '--detach', '--entrypoint', 'sleep', ...argv, IMAGE, '300');
	try {
		await other.start('p1');
		const labels = docker('inspect', '--format', '{{json .Config.Labels}}', other.containers('p1')[0] ?? '');
		const instance = JSON.parse(labels)['dev.doce.instance'];
		const label = (name: string, value: string) => ['--label', `dev.doce.${name}=${value}`];
		const orphan = run(...label('instance', instance), ...label('project', 'gone'), ...label('role', 'preview'));
		const command = run(...label('instance', instance), ...label('project', 'p1'), ...label('role', 'command-1'));
		const foreign = run('--name', NOBODYS, ...label('project', 'p1'), ...label('role', 'preview'));
		const next = other.reopen();
		expect(await next.adopt()).toEqual(['p1']);
		const left = docker('ps', '--all', '--quiet', '--no-trunc').split('\n');
		expect(left).not.toContain(orphan);
		expect(left).not.toContain(command);
		expect(left).toContain(foreign);
		await next.stopAll();
		expect(other.containers()).toEqual([]);
		expect(docker('inspect', '--format', '{{.State.Running}}', foreign)).toBe('true');
	} finally {
		docker('rm', '--force', NOBODYS);
		await other.stop();
		other.remove();
	}
});

test('what has no record that can be read is ended', async () => {
	const other = openGround();
	await other.start('p1');
	const record = join(other.dir, 'p1.json');
	expect(existsSync(record)).toBe(true);
	writeFileSync(record, '{ "projectId": "p1"');
	const next = other.reopen();
	expect(await next.adopt()).toEqual([]);
	expect(other.containers()).toEqual([]);
	await other.stop();
	other.remove();
});
