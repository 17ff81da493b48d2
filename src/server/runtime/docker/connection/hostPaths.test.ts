import { expect, test } from 'vitest';
import { ownContainerId, pathOnMachine, throughMounts } from './hostPaths.ts';

const ID = 'a'.repeat(64);

test('a container is known by the files that Docker puts over its own', () => {
	const line = `1262 1250 254:0 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw`;
	expect(ownContainerId(`22 1 254:0 / / rw - ext4 /dev/vda rw\n${line}\n`)).toBe(ID);
	expect(ownContainerId('22 1 254:0 / / rw - ext4 /dev/vda rw\n')).toBeUndefined();
	expect(ownContainerId(`1 2 3:4 /var/lib/docker/containers/${ID}/hostname /mnt/x rw - ext4 a b`)).toBeUndefined();
});

test('a path in a volume is found where the engine keeps that volume, by the innermost mount', () => {
	const hostPath = throughMounts([
		{ Source: '/var/lib/docker/volumes/doce/_data', Destination: '/data' },
		{ Source: '/srv/cache', Destination: '/data/cache' },
		{ Destination: '/tmp' },
	]);
	expect(hostPath('/data')).toBe('/var/lib/docker/volumes/doce/_data');
	expect(hostPath('/data/projects/p1')).toBe('/var/lib/docker/volumes/doce/_data/projects/p1');
	expect(hostPath('/data/cache/x')).toBe('/srv/cache/x');
	for (const elsewhere of ['/tmp/x', '/database', '/'])
		expect(() => hostPath(elsewhere)).toThrow(expect.objectContaining({ code: 'unavailable' }));
});

test('two containers that see another volume at the same path are told apart, and outside of one a path is a path', () => {
	const own = `1 2 254:0 /lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/vda rw`;
	const seen = (volume: string) =>
		pathOnMachine(
			'/data/run',
			`1 2 0:50 / / rw - overlay overlay rw\n${own}\n1 2 254:0 ${volume} /data rw - ext4 a rw\n`,
		);
	expect(seen('/volumes/a\\040b/_data')).toBe('/volumes/a b/_data/run');
	expect(seen('/volumes/c/_data')).not.toBe(seen('/volumes/d/_data'));
	expect(pathOnMachine('/data/run', '1 2 254:0 /elsewhere /data rw - ext4 a rw\n')).toBe('/data/run');
});
