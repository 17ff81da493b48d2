import { expect, test } from 'vitest';
import { type Confinement, containerSpec, limitsOf } from '../order/spec.ts';
import { type Rules, readLimits, readOrder } from './order.ts';

const MB = 1024 * 1024;
const rules: Rules = {
	instance: 'abc',
	image: 'doce-project:1',
	user: { uid: 10_000, gid: 10_000 },
	source: '/vol/data',
};
const confinement: Confinement = {
	labels: { instance: 'abc', projectId: 'P1', role: 'opencode' },
	image: 'doce-project:1',
	user: { uid: 10_000, gid: 10_000 },
	limits: { memoryBytes: 640 * MB, cpus: 1.5, diskBytes: 0 },
	argv: ['/opt/doce/opencode', 'serve', '$(id)'],
	env: { HOME: '/home', ODD: 'a=b\nc' },
	cwd: '/data/site',
	niceness: 10,
	binds: [{ from: '/vol/data/site', to: '/data/site', writable: true }],
	sockets: { proxy: '/vol/data/in', ports: [] },
};
const { name = '', ...spec } = containerSpec(confinement);
const order = JSON.parse(JSON.stringify(spec));

/** The same order, but for one thing. */
function changed(change: object, host: object = {}) {
	return { ...order, ...change, HostConfig: { ...order.HostConfig, ...host } };
}

const refused = expect.objectContaining({ code: 'forbidden' });

test('what doce orders is passed on as it is', () => {
	expect(readOrder(rules, name, order)).toEqual(order);
	const command = { ...confinement, labels: { ...confinement.labels, role: 'command-01x' as const } };
	const other = containerSpec(command);
	expect(() => readOrder(rules, other.name ?? '', { ...order, Labels: other.Labels })).not.toThrow();
});

test.each([
	{ Privileged: true },
	{ CapAdd: ['SYS_ADMIN'] },
	{ CapDrop: [] },
	{ SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'] },
	{ SecurityOpt: [] },
	{ NetworkMode: 'host' },
	{ NetworkMode: 'container:x' },
	{ PidMode: 'host' },
	{ IpcMode: 'host' },
	{ UTSMode: 'host' },
	{ UsernsMode: 'host' },
	{ CgroupnsMode: 'host' },
	{ CgroupParent: '/' },
	{ Runtime: 'other' },
	{ ReadonlyRootfs: false },
	{ Binds: ['/:/host'] },
	{ VolumesFrom: ['doce'] },
	{ VolumeDriver: 'local' },
	{ Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'rwm' }] },
	{ DeviceRequests: [{ Count: -1 }] },
	{ DeviceCgroupRules: ['a *:* rwm'] },
	{ GroupAdd: ['docker'] },
	{ Sysctls: { 'kernel.core_pattern': '|/x' } },
	{ MaskedPaths: [] },
	{ ReadonlyPaths: [] },
	{ PortBindings: { '80/tcp': [{ HostPort: '80' }] } },
	{ ExtraHosts: ['a:127.0.0.1'] },
	{ RestartPolicy: { Name: 'always' } },
	{ Memory: 0, MemorySwap: 0 },
	{ MemorySwap: -1 },
	{ CpuQuota: -1 },
	{ PidsLimit: -1 },
	{ OomScoreAdj: -1000 },
	{ Tmpfs: { '/tmp': 'rw,exec,suid' } },
	{ Tmpfs: { '/': 'rw,nosuid,nodev,size=1,mode=1777' } },
	{ LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'udp://x' } } },
	{ privileged: true },
	{ ContainerIDFile: '/x' },
])('a container with %o is refused', (host) => {
	expect(() => readOrder(rules, name, changed({}, host))).toThrow(refused);
});

test.each([
	{ Image: 'alpine' },
	{ Image: 'doce-project:2' },
	{ User: '' },
	{ User: '0:0' },
	{ User: '10000' },
	{ User: '10000:999' },
	{ User: 'root' },
	{ Entrypoint: ['/bin/sh'] },
	{ NetworkDisabled: false },
	{ NetworkingConfig: { EndpointsConfig: { bridge: {} } } },
	{ Volumes: { '/x': {} } },
	{ OpenStdin: true },
	{ Labels: {} },
	{ Labels: { ...order.Labels, 'dev.doce.instance': 'other' } },
	{ Labels: { ...order.Labels, 'dev.doce.project': 'P2' } },
	{ Labels: { ...order.Labels, 'com.docker.compose.project': 'x' } },
	{ Labels: { ...order.Labels, 'dev.doce.role': 'database' } },
	{ hostconfig: { Privileged: true } },
	{ Healthcheck: { Test: ['CMD', 'x'] } },
])('one with %o is, too', (change) => {
	expect(() => readOrder(rules, name, changed(change))).toThrow(refused);
});

test.each([
	{ Source: '/' },
	{ Source: '/etc' },
	{ Source: '/var/run/docker.sock' },
	{ Source: '/vol/data' },
	{ Source: '/vol/database' },
	{ Source: '/vol/data/../../etc' },
	{ Source: '/vol/data/x/./y' },
	{ Source: '/vol/data//x' },
	{ Source: '/vol/data/x/' },
	{ Source: '/vol/data/x\0' },
	{ Source: 'vol/data/x' },
	{ Target: '/' },
	{ Target: '/proc/sys' },
	{ Target: '/dev' },
	{ Target: 'x' },
	{ Type: 'volume' },
	{ Type: 'npipe' },
	{ BindOptions: { Propagation: 'rshared' } },
	{ VolumeOptions: { DriverConfig: { Name: 'local', Options: { device: '/', o: 'bind', type: 'none' } } } },
])('it is shown nothing like %o', (change) => {
	const Mounts = [{ ...order.HostConfig.Mounts[0], ...change }];
	expect(() => readOrder(rules, name, changed({}, { Mounts }))).toThrow(refused);
});

test('a name is that of the labels', () => {
	expect(() => readOrder(rules, 'doce-abc-P2-opencode', order)).toThrow(refused);
});

test('limits change, and nothing else', () => {
	const limits = limitsOf({ memoryBytes: 512 * MB, cpus: 0.5, diskBytes: 0 });
	expect(readLimits(limits)).toEqual(limits);
	for (const odd of [{ ...limits, MemorySwap: -1 }, { ...limits, RestartPolicy: {} }, { Memory: 1 }, [], null, 'x'])
		expect(() => readLimits(odd)).toThrow(refused);
});

test('the refusal names what is wrong', () => {
	expect(() => readOrder(rules, name, changed({}, { Privileged: true }))).toThrow(/HostConfig\.Privileged/);
});
