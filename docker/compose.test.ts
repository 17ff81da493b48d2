import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const service = z.looseObject({
	image: z.string(),
	volumes: z.array(z.string()).default([]),
	environment: z.record(z.string(), z.string()).default({}),
	ports: z.array(z.string()).default([]),
});
const { services, volumes } = z
	.looseObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
	.parse(parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8')));
const get = (name: string) => service.parse(services[name]);
const [doce, guard] = [get('doce'), get('docker-guard')];

test.each(Object.keys(services))('%s has a read-only root, no capabilities and no way to more', (name) => {
	expect(services[name]).toMatchObject({
		...{ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
	});
	for (const opening of ['privileged', 'devices', 'pid', 'ipc', 'userns_mode', 'group_add'])
		expect(services[name]).not.toHaveProperty(opening);
	expect(['doce', 'docker-guard', 'project-image']).toContain(name);
});

test('the guard alone has Docker’s socket, and no network; doce sees the guard’s, and cannot write there', () => {
	const withSocket = Object.entries(services).filter(([, { volumes: those }]) =>
		those.join().includes('/var/run/docker.sock'),
	);
	expect(withSocket.map(([name]) => name)).toEqual(['docker-guard']);
	expect(guard).toMatchObject({ network_mode: 'none', cap_add: ['DAC_READ_SEARCH'], ports: [] });
	expect(guard.volumes).toContain('data:/data:ro');
	expect(guard.volumes.join()).not.toContain('keys');
	expect(doce.volumes).toEqual(['data:/data', 'keys:/keys', 'guard:/run/docker-guard:ro']);
	expect(doce).not.toHaveProperty('cap_add');
	expect(doce.environment['DOCKER_HOST']).toBe('unix:///run/docker-guard/docker.sock');
	expect(Object.keys(volumes)).toEqual(['data', 'keys', 'guard']);
});

test('doce runs as a user of its own, and is reached from this machine alone unless told otherwise', () => {
	expect(doce).not.toHaveProperty('user');
	expect(readFileSync(join(ROOT, 'docker/doce.Dockerfile'), 'utf8')).toMatch(/^USER 10000:10000$/m);
	expect(doce.ports.join()).toMatch(/^"?\$\{DOCE_HOST:-127\.0\.0\.1\}:/);
});

test('the guard and doce speak of the same image of projects, which is built with them', () => {
	const image = get('project-image').image;
	expect(guard.environment['DOCE_PROJECT_IMAGE']).toBe(image);
	expect(doce.environment['DOCE_PROJECT_IMAGE']).toBe(image);
	expect(guard.image).toBe(doce.image);
	for (const name of ['docker-guard', 'project-image']) expect(services[name]).toHaveProperty('build');
});

test('both images are made from the same base', () => {
	const bases = ['doce', 'project'].map(
		(name) => /^ARG BASE_IMAGE=(.*)$/m.exec(readFileSync(join(ROOT, `docker/${name}.Dockerfile`), 'utf8'))?.[1],
	);
	expect(bases[0]).toMatch(/^node:/);
	expect(bases[1]).toBe(bases[0]);
});
