import { existsSync, readFileSync } from 'node:fs';

/** Where a program of this machine may answer. */
export type LocalPlaces = {
	/** doce runs in a container: the machine around it has another address than 127.0.0.1. */
	inContainer: boolean;
	/** Hosts, the nearest first. */
	hosts: string[];
};

/** The name that Docker Desktop gives the machine around a container; elsewhere `--add-host` does. */
export const HOST_NAME = 'host.docker.internal';
/** The machine's own address on Docker's default bridge. */
const DEFAULT_BRIDGE = '172.17.0.1';

const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Reads where this process runs; `root` stands in for the real file system's. */
export function findLocalPlaces(root = ''): LocalPlaces {
	const inContainer =
		CONTAINER_MARKS.some((path) => existsSync(root + path)) ||
		/docker|containerd|kubepods|libpod|lxc/.test(contentOf(`${root}/proc/1/cgroup`));
	if (!inContainer) return { inContainer, hosts: ['127.0.0.1'] };
	const gateway = gatewayOf(contentOf(`${root}/proc/net/route`));
	const around = [HOST_NAME, ...(gateway === undefined ? [] : [gateway]), DEFAULT_BRIDGE];
	return { inContainer, hosts: [...new Set(['127.0.0.1', ...around])] };
}

/** The default gateway in Linux's table of routes, where addresses are hexadecimal and backwards. */
export function gatewayOf(routes: string): string | undefined {
	const columns = routes.split('\n').map((line) => line.trim().split(/\s+/));
	const gateway = columns.find(([, destination]) => destination === '00000000')?.[2];
	if (gateway === undefined || !/^[0-9A-F]{8}$/i.test(gateway) || gateway === '00000000') return undefined;
	return [...Buffer.from(gateway, 'hex')].reverse().join('.');
}

/** Empty on systems that have no such file. */
function contentOf(path: string): string {
	return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
