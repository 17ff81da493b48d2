import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from '#shared/projects.ts';
import { bubblewrap, type FenceTools, fencedEnvironment } from './bubblewrap.ts';
import { limitsHere } from './limits.ts';
import { clearSockets, outFolder, placesOf } from './sockets.ts';
import type { SystemView } from './system.ts';

const TIMEOUT_MS = 10_000;
/** Ends like nothing else does, once it has seen that it is alone. */
const PROGRAM = `
const { readdirSync } = require('node:fs');
const others = readdirSync('/proc').filter((name) => Number(name) > 20);
process.exit(others.length > 0 || process.getuid === undefined ? 1 : 42);
`;

/** What a real fence, started with the very flags that projects get, showed. */
export type Finding = { isolation: Isolation; tools: FenceTools | undefined };

/** Starts one, and without the newer flags another one if that is refused. */
export async function probeFence(
	found: Omit<FenceTools, 'strict'>,
	system: SystemView,
	root: string,
): Promise<Finding> {
	const strict = await tryFence({ ...found, strict: true }, system, root);
	if (strict === undefined) return { tools: { ...found, strict: true }, isolation: judge(found) };
	const loose = await tryFence({ ...found, strict: false }, system, root);
	if (loose !== undefined) return { tools: undefined, isolation: { level: 'not', reason: reasonOf(strict) } };
	const reason =
		'This bubblewrap cannot forbid namespaces inside the fence, nor bound its temporary folders. Install version 0.8 or newer.';
	return { tools: { ...found, strict: false }, isolation: { level: 'partly', reason } };
}

/** How the package is called that this system installs bubblewrap from. */
export function installWords(): string {
	const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
	const family = /^ID(?:_LIKE)?=.*$/gm;
	const names = (release.match(family) ?? []).join(' ');
	if (/debian|ubuntu/.test(names)) return 'apt install bubblewrap';
	if (/fedora|rhel|suse/.test(names)) return `${/suse/.test(names) ? 'zypper' : 'dnf'} install bubblewrap`;
	if (/alpine/.test(names)) return 'apk add bubblewrap util-linux-misc';
	return /arch/.test(names) ? 'pacman -S bubblewrap' : 'the package bubblewrap of this system';
}

function judge({ prlimit }: Pick<FenceTools, 'prlimit'>): Isolation {
	if (prlimit !== undefined) {
		const reason = 'Each project sees its own files and processes only, and no network but the hosts that are allowed.';
		return { level: 'isolated', reason };
	}
	const reason =
		'Files and processes of a project are not limited in size and number: prlimit (util-linux) is missing.';
	return { level: 'partly', reason };
}

/** Undefined when it worked, else what bubblewrap said. */
async function tryFence(tools: FenceTools, system: SystemView, root: string): Promise<string | undefined> {
	const places = placesOf(root, 'probe');
	clearSockets(places, 'preview');
	const argv = bubblewrap(tools, system, limitsHere(), {
		argv: [tools.node, '--eval', PROGRAM],
		cwd: '/tmp',
		...{ write: [], read: [], ports: [], niceness: 0 },
		proxy: places.in,
		serves: { port: 20_000, folder: outFolder(places, 'preview') },
	});
	const [program = '', ...args] = argv;
	return new Promise((resolve) => {
		const options = { env: fencedEnvironment({}), timeout: TIMEOUT_MS, cwd: join('/') };
		execFile(program, args, options, (error, _, stderr) => {
			resolve(error !== null && error.code === 42 ? undefined : stderr.trim() || 'it ended without a word');
		});
	});
}

/** What forbids it, as far as the system says so, and what to do. */
function reasonOf(complaint: string): string {
	if (readSetting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
		return 'AppArmor forbids user namespaces to bubblewrap here. Give /usr/bin/bwrap a profile that allows "userns", or set kernel.apparmor_restrict_unprivileged_userns=0.';
	}
	if (readSetting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
		return 'The system forbids user namespaces. Set kernel.unprivileged_userns_clone=1.';
	if (readSetting('/proc/sys/user/max_user_namespaces') === '0')
		return 'The system forbids user namespaces. Set user.max_user_namespaces to more than 0.';
	if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) {
		return 'This container forbids namespaces to bubblewrap. Run doce on the machine itself, or allow the container to make user namespaces.';
	}
	return `bubblewrap could not start: ${complaint.split('\n')[0] ?? ''}`;
}

function readSetting(path: string): string | undefined {
	return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
