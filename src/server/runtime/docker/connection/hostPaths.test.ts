import { expect, test } from 'vitest';
import { ownContainerId, throughMounts } from './hostPaths.ts';

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
