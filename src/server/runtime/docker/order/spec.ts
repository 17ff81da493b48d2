import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import type { User } from '../../owner.ts';
import type { Limits, ProcessName } from '../../runtime.ts';
import { containerName, type Labels, labelsOf } from './names.ts';

const MB = 1024 * 1024;

/** Where things of ours lie inside a container, as in a fence. */
const OURS = '/run/doce';
/** Our own programs, as `docker/project.Dockerfile` has them. */
export const SCRIPTS = '/opt/doce/scripts';
/** The port of the container's own 127.0.0.1 that leads to doce's proxy. */
const PROXY_PORT = 3128;
/** Processes and threads of one container; the dev server alone has about forty. */
const PIDS = 1_024;
/** The biggest file that a project can make. */
const FILE_BYTES = 2_048 * MB;
/** Docker may have a limit of its own, which this must not exceed; a dev server has about a hundred. */
const OPEN_FILES = 4_096;
/** For each of /tmp and /dev/shm, which lie in memory and count as such. */
const TEMPORARY_BYTES = 256 * MB;
/** Of what a process writes to its output, in two files. */
const LOG_BYTES = MB;
/** A container that waits for the processor counts for less than doce itself. */
const CPU_SHARES = 512;
const CPU_PERIOD_US = 100_000;
/** The kernel ends what a project runs before it ends doce. */
const OOM_SCORE = 500;

/** A folder, file or socket's folder of this machine, and where it appears inside. */
export type Bind = { from: string; to: string; writable: boolean };

/** One container to be made: all that is special about it. */
export type Confinement = {
	labels: Labels;
	image: string;
	user: User;
	limits: Limits;
	argv: string[];
	env: Record<string, string>;
	cwd: string;
	niceness: number;
	/** Folders with their places inside; those of the sockets are added by this module. */
	binds: Bind[];
	sockets: {
		/** The folder with the proxy's socket. */
		proxy: string;
		/** The folder that the process may make the socket in for what it serves, if it serves anything. */
		out?: { folder: string; socket: string; port: number };
		ports: { port: number; folder: string; socket: string }[];
	};
};

/**
 * The whole order for a container that reaches the given folders and sockets, and nothing else: it has no network but its
 * own loopback, so there is no bridge to the machine or to a neighbour.
 */
export function containerSpec(confinement: Confinement): ContainerCreateOptions {
	const { labels, image, user, limits, cwd, sockets } = confinement;
	return {
		name: containerName(labels),
		Image: image,
		Labels: labelsOf(labels),
		Cmd: command(confinement),
		Env: Object.entries(containerEnvironment(confinement.env)).map(([name, value]) => `${name}=${value}`),
		User: `${user.uid}:${user.gid}`,
		WorkingDir: cwd,
		Hostname: 'project',
		...{ AttachStdin: false, OpenStdin: false, Tty: false, NetworkDisabled: true },
		HostConfig: {
			...{ NetworkMode: 'none', IpcMode: 'private', PidMode: '', Privileged: false, PublishAllPorts: false },
			...{ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], ReadonlyRootfs: true, AutoRemove: false },
			...limitsOf(limits),
			...{ PidsLimit: PIDS, CpuShares: CPU_SHARES, OomScoreAdj: OOM_SCORE, ShmSize: TEMPORARY_BYTES },
			Ulimits: [
				{ Name: 'core', Soft: 0, Hard: 0 },
				{ Name: 'fsize', Soft: FILE_BYTES, Hard: FILE_BYTES },
				{ Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
			],
			Tmpfs: { '/tmp': `rw,nosuid,nodev,size=${TEMPORARY_BYTES},mode=1777` },
			Mounts: [...confinement.binds, ...socketBinds(sockets)].map(toMount),
			LogConfig: { Type: 'json-file', Config: { 'max-size': String(LOG_BYTES), 'max-file': '2' } },
			RestartPolicy: { Name: 'no' },
		},
	};
}

/** The part of the order that may change while the container runs. */
export function limitsOf({ memoryBytes, cpus }: Limits): {
	Memory: number;
	MemorySwap: number;
	CpuPeriod: number;
	CpuQuota: number;
} {
	// As much with swap as without it: none.
	const quota = Math.round(cpus * CPU_PERIOD_US);
	return { Memory: memoryBytes, MemorySwap: memoryBytes, CpuPeriod: CPU_PERIOD_US, CpuQuota: quota };
}

/** Where a process of this name listens; nobody else is there to take the port. */
export function portInside(name: ProcessName): number {
	return name === 'opencode' ? 4096 : 4321;
}

function command({ argv, niceness, sockets }: Confinement): string[] {
	const { out, ports } = sockets;
	const settings = {
		outward: out === undefined ? [] : [{ socket: `${OURS}/out/${out.socket}`, port: out.port }],
		inward: ports.map(({ port, socket }, at) => ({ port, socket: `${OURS}/port-${at}/${socket}` })),
		proxy: { port: PROXY_PORT, socket: `${OURS}/in/proxy.sock` },
		niceness,
		// The container has its own limits.
		...{ memoryBytes: Number.MAX_SAFE_INTEGER, processes: PIDS * 2, threads: PIDS * 2 },
	};
	const relay = ['node', '--max-old-space-size=64', '--max-semi-space-size=1', `${SCRIPTS}/entry.js`];
	return [...relay, JSON.stringify(settings), ...argv];
}

/** Files that a variable of this machine names are not there. */
const ABROAD = new Set(['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'PATH']);

function containerEnvironment(env: Record<string, string>): Record<string, string> {
	const proxy = `http://127.0.0.1:${PROXY_PORT}`;
	const own = 'localhost,127.0.0.1,::1';
	return {
		...Object.fromEntries(Object.entries(env).filter(([name]) => !ABROAD.has(name))),
		PATH: '/usr/local/bin:/usr/bin:/bin',
		...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
		...{ NO_PROXY: own, no_proxy: own },
	};
}

function socketBinds({ proxy, out, ports }: Confinement['sockets']): Bind[] {
	return [
		{ from: proxy, to: `${OURS}/in`, writable: false },
		...(out === undefined ? [] : [{ from: out.folder, to: `${OURS}/out`, writable: true }]),
		...ports.map(({ folder }, at) => ({ from: folder, to: `${OURS}/port-${at}`, writable: false })),
	];
}

function toMount({ from, to, writable }: Bind): MountSettings {
	// What is mounted there later is none of the project's business: that is what Docker does unless it is told otherwise.
	// For folders of its own, such as the volume of a doce in a container, it takes no order about that at all.
	return { Type: 'bind', Source: from, Target: to, ReadOnly: !writable };
}
