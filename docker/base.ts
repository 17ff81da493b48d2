import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#server/errors.ts';
import { findNpm } from '#server/runtime/fence/system.ts';
import { debianMirror, SUITE } from './apt.ts';
import { execute, hasImage } from './engine.ts';

const PACKAGES = ['ca-certificates', 'curl', 'git', 'procps', 'ripgrep', 'tini'];
const DEBIAN_ARCH: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
/** Perl comes with git, which needs it for what nobody calls here. Empty folders stay: programs expect them. */
const EMPTIED = [
	...['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/perl', 'usr/share/perl5'],
	...['var/lib/apt/lists', 'var/cache', 'var/log', 'tmp', 'root'],
];
const REMOVED = ['usr/share/gitweb', 'etc/resolv.conf', 'etc/hostname', 'debootstrap'];

/**
 * The base image that this machine makes itself where no registry can be reached: Debian by debootstrap, with Node and
 * npm. Made once; returns its name. Throws `AppError('unavailable')` that says what is missing.
 */
export async function makeBase(root: string): Promise<string> {
	const npm = findNpm(process.execPath);
	if (npm === undefined) throw new AppError('unavailable', 'npm was not found. Install it, then try again.');
	const name = baseName(npm);
	if (await hasImage(name)) return name;
	await checkTools();
	console.log(`No registry can be reached: making the base image ${name} of Debian's packages…`);
	const folder = await mkdtemp(join(tmpdir(), 'doce-base-'));
	try {
		await installDebian(folder);
		await addNode(root, npm, folder);
		await slim(folder);
		await importImage(folder, name);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return name;
}

/** By what it is made of, this program included. */
function baseName(npm: string): string {
	const hash = createHash('sha256')
		.update(readFileSync(import.meta.filename))
		.update(`${process.version} ${process.arch} ${readFileSync(join(npm, 'package.json'), 'utf8')}`);
	return `doce-base:${hash.digest('hex').slice(0, 16)}`;
}

async function checkTools(): Promise<void> {
	const otherwise = 'Or set BASE_IMAGE to an image of this engine that has Node 24, such as a copy of Node’s own.';
	const nothing = 'The base image could not be pulled, and cannot be made here:';
	if (process.getuid?.() !== 0) throw new AppError('unavailable', `${nothing} that takes root (sudo). ${otherwise}`);
	if ((await execute(['debootstrap', '--version'], { shown: false })).code === 0) return;
	throw new AppError(
		'unavailable',
		`${nothing} debootstrap is not installed (\`apt install debootstrap\`). ${otherwise}`,
	);
}

async function installDebian(folder: string): Promise<void> {
	await must(
		[
			...['debootstrap', '--variant=minbase', `--arch=${DEBIAN_ARCH[process.arch]}`, `--include=${PACKAGES.join(',')}`],
			...[SUITE, folder, debianMirror(await aptLists('/etc/apt'))],
		],
		'Debian’s packages could not be installed; is its mirror reachable, and the disk not full?',
	);
}

async function aptLists(folder: string): Promise<string[]> {
	const more = join(folder, 'sources.list.d');
	const names = existsSync(more) ? await readdir(more) : [];
	const files = [join(folder, 'sources.list'), ...names.sort().map((name) => join(more, name))];
	return Promise.all(files.filter((file) => existsSync(file)).map((file) => readFile(file, 'utf8')));
}

/** Where Node's own image has them, so that both bases look alike. */
async function addNode(root: string, npm: string, folder: string): Promise<void> {
	const local = join(folder, 'usr/local');
	const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
	await copyFile(existsSync(node) ? node : process.execPath, join(local, 'bin/node'));
	await cp(npm, join(local, 'lib/node_modules/npm'), {
		recursive: true,
		filter: (path) => !/\/npm\/(docs|man)$/.test(path),
	});
	for (const name of ['npm', 'npx']) {
		await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
	}
}

async function slim(folder: string): Promise<void> {
	for (const path of REMOVED) await rm(join(folder, path), { recursive: true, force: true });
	for (const path of EMPTIED) {
		await rm(join(folder, path), { recursive: true, force: true });
		await mkdir(join(folder, path), { mode: path === 'root' ? 0o700 : 0o755 });
	}
	await must(['chmod', '1777', join(folder, 'tmp')], 'The base image could not be made.');
	for (const name of await readdir(join(folder, 'usr/lib'))) {
		if (!name.endsWith('-linux-gnu')) continue;
		const libraries = join(folder, 'usr/lib', name);
		const perl = (await readdir(libraries)).filter((each) => each === 'perl' || each.startsWith('libperl.so'));
		for (const each of perl) await rm(join(libraries, each), { recursive: true });
	}
	await must(
		['find', folder, '-xdev', '-perm', '/6000', '-exec', 'chmod', 'a-s', '{}', '+'],
		'The base image could not be made.',
	);
	await writeFile(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
}

/** A stream from tar into the engine, in a fixed order and with one time. */
async function importImage(folder: string, name: string): Promise<void> {
	const tar = spawn(
		'tar',
		[
			...['--create', '--numeric-owner', '--sort=name', '--mtime=2000-01-01T00:00:00Z'],
			...['--exclude=./dev/*', '--exclude=./proc/*', '--exclude=./sys/*', `--directory=${folder}`, '.'],
		],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const changes = ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["node"]'];
	const load = spawn('docker', ['import', ...changes.flatMap((change) => ['--change', change]), '-', name], {
		stdio: [tar.stdout, 'ignore', 'inherit'],
	});
	// Theirs alone from now on, or tar would wait for ever when the engine stops reading.
	tar.stdout.destroy();
	const ends = [tar, load].map(
		(child) => new Promise((done) => child.once('exit', done).once('error', () => done('error'))),
	);
	const codes = await Promise.all(ends);
	if (codes.some((code) => code !== 0)) throw new AppError('unavailable', 'Docker could not import the base image.');
}

async function must(argv: string[], message: string): Promise<void> {
	const { code, stdout, stderr } = await execute(argv, { shown: false });
	if (code !== 0) {
		const end = `${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n');
		throw new AppError('unavailable', `${message}\n${end}`);
	}
}
