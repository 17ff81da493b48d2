import {
	accessSync,
	constants,
	existsSync,
	lstatSync,
	readlinkSync,
	realpathSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import type { FenceTools } from './bubblewrap.ts';

/** The read-only part of this machine that a fence shows. */
export type SystemView = {
	/** On most systems `/bin` and `/lib` are links into `/usr`. */
	links: { from: string; to: string }[];
	folders: string[];
	files: { from: string; to: string }[];
	/** What lies in the folders and is shown all the same as nothing. */
	covers: { path: string; isFolder: boolean }[];
};

const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const STORES = ['/usr', '/nix/store', '/gnu/store'];
/** Certificates, and how libraries and programs are found. Nothing that names people, hosts or secrets. */
const SETTINGS = [
	'/etc/alternatives',
	'/etc/crypto-policies',
	'/etc/ld.so.cache',
	'/etc/ld.so.conf',
	'/etc/ld.so.conf.d',
	'/etc/localtime',
	'/etc/pki/ca-trust/extracted',
	'/etc/pki/tls/cert.pem',
	'/etc/pki/tls/certs',
	'/etc/ssl/cert.pem',
	'/etc/ssl/certs',
	'/etc/ssl/openssl.cnf',
];
/** Variables that name files which a person has put elsewhere. */
const CERTIFICATES = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];

/**
 * What every fence of this machine shows, and nothing of `hidden`, wherever that lies; `root` takes the few files that
 * are made up for it.
 */
export function viewSystem(
	root: string,
	tools: Omit<FenceTools, 'strict'>,
	hidden: readonly string[] = [],
): SystemView {
	const top = TOP.filter((path) => existsSync(path));
	const links = top.filter((path) => lstatSync(path).isSymbolicLink());
	const settings = [...SETTINGS, ...CERTIFICATES.flatMap((name) => process.env[name] ?? [])].filter(existsSync);
	const programs = [tools.node, ...Object.values(tools.links)].map(packageOf).filter((path) => !isShown(path));
	const folders = [...STORES.filter(existsSync), ...top.filter((path) => !links.includes(path))];
	const files = [...new Set([...settings, ...programs])];
	return {
		links: links.map((from) => ({ from, to: readlinkSync(from) })),
		folders,
		files: [...files.map((path) => ({ from: path, to: path })), ...madeUp(root)],
		covers: hidden.filter(existsSync).flatMap((path) => coversOf(realpathSync(path), [...folders, ...files])),
	};
}

/** Where in what is shown a file or folder would be seen. */
function coversOf(path: string, shown: readonly string[]): SystemView['covers'] {
	const isFolder = statSync(path).isDirectory();
	return shown.flatMap((at) => {
		const inside = relative(realpathSync(at), path);
		return inside === '..' || inside.startsWith('../') ? [] : [{ path: join(at, inside), isFolder }];
	});
}

/** The programs that a fence is made of; undefined when bubblewrap is not installed. */
export function findTools(): Omit<FenceTools, 'strict'> | undefined {
	const bwrap = findProgram('bwrap');
	if (bwrap === undefined) return undefined;
	const node = realpathSync(process.execPath);
	const npm = findNpm(node);
	return {
		bwrap,
		prlimit: findProgram('prlimit'),
		node,
		links: { node, ...(npm && { npm: join(npm, 'bin/npm-cli.js'), npx: join(npm, 'bin/npx-cli.js') }) },
		scripts: import.meta.dirname,
	};
}

/** The folder of the npm that came with this Node, else of the one on the PATH. */
export function findNpm(node: string): string | undefined {
	const own = resolve(dirname(node), '../lib/node_modules/npm');
	if (existsSync(own)) return own;
	const found = findProgram('npm');
	const script = found === undefined ? '' : realpathSync(found);
	return script.endsWith('/npm/bin/npm-cli.js') ? resolve(script, '../..') : undefined;
}

/** A program that is a script brings the package it lies in. */
function packageOf(program: string): string {
	return program.endsWith('.js') ? resolve(program, '../..') : program;
}

function isShown(path: string): boolean {
	return STORES.some((store) => path.startsWith(`${store}/`));
}

/** One user and one host, in place of those of the machine. */
function madeUp(root: string): SystemView['files'] {
	const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
	const files = {
		passwd: `project:x:${uid}:${gid}:project:/tmp:/bin/sh\n`,
		group: `project:x:${gid}:\n`,
		hosts: '127.0.0.1 localhost project\n::1 localhost\n',
	};
	return Object.entries(files).map(([name, text]) => {
		writeFileSync(join(root, name), text, { mode: 0o600 });
		return { from: join(root, name), to: `/etc/${name}` };
	});
}

function findProgram(name: string): string | undefined {
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	return [...folders, '/usr/bin', '/bin'].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch (error) {
		if (error instanceof Error) return false;
		throw error;
	}
}
