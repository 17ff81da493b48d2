import { expect, test } from 'vitest';
import { containerName, instanceOf, labelsOf, readLabels } from './names.ts';
import { type Confinement, containerSpec, limitsOf } from './spec.ts';

const MB = 1024 * 1024;
const confinement: Confinement = {
	labels: { instance: 'abc', projectId: 'P1', role: 'opencode' },
	image: 'doce-project:1',
	user: { uid: 10_001, gid: 10_002 },
	limits: { memoryBytes: 640 * MB, cpus: 1.5, diskBytes: 0 },
	argv: ['/opt/doce/opencode', 'serve', '$(id)'],
	env: { HOME: '/home', PATH: '/host/bin', SSL_CERT_FILE: '/host/ca', HTTPS_PROXY: 'http://host:1' },
	cwd: '/data/site',
	niceness: 10,
	binds: [
		{ from: '/host/site', to: '/data/site', writable: true },
		{ from: '/host/plugin', to: '/data/plugin', writable: false },
	],
	sockets: {
		proxy: '/host/in',
		out: { folder: '/host/out', socket: 'out.sock', port: 4096 },
		ports: [{ port: 3129, folder: '/host/gateway', socket: 's' }],
	},
};
const spec = containerSpec(confinement);
const host = spec.HostConfig ?? {};

test('a container has no network, no capability, no way to more, and writes nowhere but where it is told', () => {
	expect(spec).toMatchObject({ NetworkDisabled: true, User: '10001:10002', WorkingDir: '/data/site' });
	expect(host).toMatchObject({
		...{ NetworkMode: 'none', CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], ReadonlyRootfs: true },
		...{ Privileged: false, IpcMode: 'private', PublishAllPorts: false, RestartPolicy: { Name: 'no' } },
	});
	for (const opening of ['CapAdd', 'Devices', 'PortBindings', 'Binds', 'VolumesFrom', 'ExtraHosts', 'Links'])
		expect(host).not.toHaveProperty(opening);
	expect(
		host.Mounts?.filter(({ ReadOnly }) => ReadOnly !== true).map(({ Source, Target }) => [Source, Target]),
	).toEqual([
		['/host/site', '/data/site'],
		['/host/out', '/run/doce/out'],
	]);
	expect(host.Mounts?.map(({ Type, BindOptions }) => [Type, BindOptions])).toEqual(Array(5).fill(['bind', undefined]));
});

test('every use of the machine has a limit, and memory has none in swap', () => {
	expect(host).toMatchObject({ Memory: 640 * MB, MemorySwap: 640 * MB, CpuPeriod: 100_000, CpuQuota: 150_000 });
	expect(host.PidsLimit).toBeGreaterThan(100);
	expect(host.Ulimits?.map(({ Name }) => Name)).toEqual(['core', 'fsize', 'nofile']);
	expect(Object.values(host.Tmpfs ?? {}).join()).toContain('size=');
	expect(host.LogConfig).toEqual({ Type: 'json-file', Config: { 'max-size': '1048576', 'max-file': '2' } });
	expect(limitsOf({ memoryBytes: MB, cpus: 0.25, diskBytes: 0 }).CpuQuota).toBe(25_000);
});

test('the command stays a list, behind the one that joins its ports to the sockets', () => {
	const command = spec.Cmd as string[];
	expect(command.slice(-3)).toEqual(['/opt/doce/opencode', 'serve', '$(id)']);
	expect(command[0]).toBe('node');
	expect(JSON.parse(command[4] ?? '')).toMatchObject({
		outward: [{ socket: '/run/doce/out/out.sock', port: 4096 }],
		inward: [{ port: 3129, socket: '/run/doce/port-0/s' }],
		proxy: { port: 3128, socket: '/run/doce/in/proxy.sock' },
		niceness: 10,
	});
});

test('of its environment it keeps what means something inside, and finds the proxy', () => {
	expect(spec.Env).toContain('HOME=/home');
	expect(spec.Env).toContain('PATH=/usr/local/bin:/usr/bin:/bin');
	expect(spec.Env).toContain('HTTPS_PROXY=http://127.0.0.1:3128');
	expect(spec.Env?.join('\n')).not.toMatch(/\/host|host:1/);
});

test('labels say whose a container is, and another doce’s are not ours', () => {
	const labels = { instance: instanceOf('/data/run'), projectId: 'P1', role: 'preview' as const };
	expect(readLabels(labelsOf(labels), labels.instance)).toEqual(labels);
	expect(readLabels(labelsOf(labels), instanceOf('/data/other'))).toBeUndefined();
	expect(readLabels({ ...labelsOf(labels), 'dev.doce.role': 'database' }, labels.instance)).toBeUndefined();
	expect(readLabels(undefined, labels.instance)).toBeUndefined();
	expect(containerName(labels)).toBe(`doce-${labels.instance}-P1-preview`);
});
