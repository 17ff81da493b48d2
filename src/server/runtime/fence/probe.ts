import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { z } from 'zod';
import type { Isolation } from '#shared/projects.ts';
import { bubblewrap, type FenceTools, fencedEnvironment } from './bubblewrap.ts';
import { limitsHere } from './limits.ts';
import { clearSockets, outFolder, placesOf } from './sockets.ts';
import type { SystemView } from './system.ts';

const TIMEOUT_MS = 10_000;
/** Ends like nothing else does, and tells what it could do that nothing inside should. */
const PROGRAM = `
const fs = require('node:fs');
const [port, fileBytes, ...hidden] = process.argv.slice(1);
process.on('SIGXFSZ', () => undefined);
const can = (act) => { try { return act() !== false; } catch { return false; } };
const isSeen = (path) => can(() => (fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.readFileSync(path)).length > 0);
const found = {
	'see other processes': fs.readdirSync('/proc').some((name) => Number(name) > 20),
	'write to the system': ['/', '/usr', '/etc'].some((folder) => can(() => fs.writeFileSync(folder + '/doce-probe', ''))),
	"read doce's own files": hidden.some(isSeen),
	'write a file of any size': can(() => { fs.writeFileSync('/tmp/big', ''); fs.truncateSync('/tmp/big', Number(fileBytes) + 1); }),
};
const end = (connected) => { fs.writeSync(1, JSON.stringify({ ...found, 'connect to this machine': connected })); process.exit(42); };
require('node:net').connect(Number(port), '127.0.0.1').once('connect', () => end(true)).once('error', () => end(false));
`;
const BIG_FILE = 'write a file of any size';
const findings = z.record(z.string(), z.boolean());

/** What a real fence, started with the very flags that projects get, showed. */
export type Finding = { isolation: Isolation; tools: FenceTools | undefined };

type Ground = { system: SystemView; root: string; hidden?: readonly string[] | undefined };

/** Starts one, and without the newer flags another one if that is refused. */
export async function probeFence(found: Omit<FenceTools, 'strict'>, ground: Ground): Promise<Finding> {
	const strict = await tryFence({ ...found, strict: true }, ground);
	const tried = typeof strict === 'string' ? await tryFence({ ...found, strict: false }, ground) : strict;
	if (typeof tried === 'string')
		return { tools: undefined, isolation: { level: 'not', reason: reasonOf(String(strict)) } };
	const isolation = judge(tried, { isStrict: tried === strict, hasLimits: found.prlimit !== undefined });
	return { tools: isolation.level === 'not' ? undefined : { ...found, strict: tried === strict }, isolation };
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

function judge(possible: string[], { isStrict, hasLimits }: { isStrict: boolean; hasLimits: boolean }): Isolation {
	const holes = possible.filter((one) => one !== BIG_FILE);
	if (holes.length > 0) {
		return {
			level: 'not',
			reason: `A fence was tried, and does not hold here: from inside one can ${holes.join(', ')}.`,
		};
	}
	if (!isStrict) {
		const reason =
			'This bubblewrap cannot forbid namespaces inside the fence, nor bound its temporary folders. Install version 0.8 or newer.';
		return { level: 'partly', reason };
	}
	if (possible.length > 0) {
		const cause = hasLimits ? 'the system does not keep to the limit' : 'prlimit (util-linux) is missing';
		return { level: 'partly', reason: `The size of a file of a project is not limited: ${cause}.` };
	}
	const reason = 'Each project sees its own files and processes only, and no network but the hosts that are allowed.';
	return { level: 'isolated', reason };
}

/** What is possible inside and should not be; a text when no fence came about, which is what bubblewrap said. */
async function tryFence(tools: FenceTools, { system, root, hidden = [] }: Ground): Promise<string[] | string> {
	const places = placesOf(root, 'probe');
	clearSockets(places, 'preview');
	const listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
	await once(listener, 'listening');
	const { port } = listener.address() as AddressInfo;
	const limits = limitsHere();
	const paths = hidden.filter(existsSync).map((path) => realpathSync(path));
	const [program = '', ...args] = bubblewrap(tools, system, limits, {
		argv: [tools.node, '--eval', PROGRAM, String(port), String(limits.fileBytes), ...paths],
		cwd: '/tmp',
		...{ write: [], read: [], ports: [], niceness: 0 },
		proxy: places.in,
		serves: { port: 20_000, folder: outFolder(places, 'preview') },
	});
	return new Promise((resolve) => {
		const options = { env: fencedEnvironment({}), timeout: TIMEOUT_MS, cwd: '/' };
		execFile(program, args, options, (error, stdout, stderr) => {
			listener.close();
			if (error?.code !== 42) return resolve(stderr.trim() || 'it ended without a word');
			const found = Object.entries(findings.parse(JSON.parse(stdout)));
			resolve(found.filter(([, isPossible]) => isPossible).map(([what]) => what));
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
