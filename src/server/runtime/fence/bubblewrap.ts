import { join } from 'node:path';
import type { Limits } from './limits.ts';
import { OUT_SOCKET } from './sockets.ts';
import type { SystemView } from './system.ts';

/** Where things of ours lie inside. */
const OURS = '/run/doce';
/** The port of the fence's own 127.0.0.1 that leads to doce's proxy. */
const PROXY_PORT = 3128;

/** One process to be started behind a fence. */
export type Enclosure = {
	argv: string[];
	cwd: string;
	write: string[];
	read: string[];
	/** The folder with the proxy's socket. */
	proxy: string;
	/** What the process serves, if anything: its port inside, and the folder that it may make the socket for it in. */
	serves: { port: number; folder: string } | undefined;
	ports: { port: number; folder: string; socket: string }[];
	niceness: number;
};

export type FenceTools = {
	bwrap: string;
	prlimit: string | undefined;
	node: string;
	/** `node`, `npm` and `npx` as they are called, with the programs they lead to. */
	links: Record<string, string>;
	/** The folder of our own programs that run inside. */
	scripts: string;
	/** Older versions of bubblewrap cannot forbid namespaces inside, nor bound the temporary folders. */
	strict: boolean;
};

/** The whole command that starts a process behind a fence. */
export function bubblewrap(tools: FenceTools, system: SystemView, limits: Limits, enclosure: Enclosure): string[] {
	const { proxy, serves, ports, cwd } = enclosure;
	const covered = system.covers.filter(({ isFolder }) => isFolder).map(({ path }) => path);
	return [
		tools.bwrap,
		...['--unshare-all', '--unshare-user', ...(tools.strict ? ['--disable-userns'] : []), '--cap-drop', 'ALL'],
		// A command that serves nothing leaves nothing behind: with it ends whatever it has started.
		...(serves === undefined ? ['--die-with-parent'] : []),
		...['--hostname', 'project'],
		...system.links.flatMap(({ from, to }) => ['--symlink', to, from]),
		...system.folders.flatMap((path) => ['--ro-bind', path, path]),
		...['--proc', '/proc', '--dev', '/dev'],
		...temporary(tools, '/dev/shm', limits.temporaryBytes),
		...temporary(tools, '/tmp', limits.temporaryBytes),
		...system.files.flatMap(({ from, to }) => ['--ro-bind', from, to]),
		...['entry.js', 'usage.js'].flatMap((name) => ['--ro-bind', join(tools.scripts, name), `${OURS}/${name}`]),
		...Object.entries(tools.links).flatMap(([name, to]) => ['--symlink', to, `${OURS}/bin/${name}`]),
		...system.covers.flatMap(({ path, isFolder }) => (isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path])),
		...enclosure.read.flatMap((path) => ['--ro-bind', path, path]),
		...enclosure.write.flatMap((path) => ['--bind', path, path]),
		...['--ro-bind', proxy, `${OURS}/in`, ...(serves === undefined ? [] : ['--bind', serves.folder, `${OURS}/out`])],
		...ports.flatMap(({ folder }, at) => ['--ro-bind', folder, `${OURS}/port-${at}`]),
		// Settings of the kernel belong to root by its number alone: a fence that root started could change them.
		...['/proc', '/dev', ...covered, '/'].flatMap((path) => ['--remount-ro', path]),
		...['--chdir', cwd, '--'],
		...(tools.prlimit === undefined ? [] : [tools.prlimit, ...limitFlags(limits), '--']),
		...[tools.node, '--max-old-space-size=64', '--max-semi-space-size=1', `${OURS}/entry.js`],
		JSON.stringify(entrySettings(enclosure, limits)),
		...enclosure.argv,
	];
}

/** What a fenced process finds in its environment beside its own: programs, and the way to the proxy. */
export function fencedEnvironment(env: Record<string, string>): Record<string, string> {
	const proxy = `http://127.0.0.1:${PROXY_PORT}`;
	const own = 'localhost,127.0.0.1,::1';
	return {
		...env,
		PATH: [`${OURS}/bin`, '/usr/local/bin:/usr/bin:/bin', ...(env['PATH'] ? [env['PATH']] : [])].join(':'),
		...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
		...{ NO_PROXY: own, no_proxy: own },
	};
}

function temporary({ strict }: FenceTools, path: string, bytes: number): string[] {
	return [...(strict ? ['--size', String(bytes)] : []), '--tmpfs', path];
}

function limitFlags(limits: Limits): string[] {
	return [`--fsize=${limits.fileBytes}`, `--nproc=${limits.threads}`, '--core=0'];
}

/** As `entry.js` reads it. */
function entrySettings({ serves, ports, niceness }: Enclosure, limits: Limits): Record<string, unknown> {
	return {
		outward: serves === undefined ? [] : [{ socket: `${OURS}/out/${OUT_SOCKET}`, port: serves.port }],
		inward: ports.map(({ port, socket }, at) => ({ port, socket: `${OURS}/port-${at}/${socket}` })),
		proxy: { port: PROXY_PORT, socket: `${OURS}/in/proxy.sock` },
		niceness,
		memoryBytes: limits.memoryBytes,
		processes: limits.processes,
		threads: limits.threads,
	};
}
