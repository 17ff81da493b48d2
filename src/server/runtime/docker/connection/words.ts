/** The oldest that has everything we ask for: Docker 20.10. */
const OLDEST_API = [1, 41] as const;

type Version = { Version?: string; ApiVersion?: string };
type Info = { OSType?: string; SecurityOptions?: string[] | null };

/** What a person should do about a Docker that does not answer. */
export function unreachableWords(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	const host = process.env['DOCKER_HOST'];
	const where = host === undefined || host === '' ? '' : ` at ${withoutSecrets(host)}`;
	if (code === 'EACCES' || code === 'EPERM')
		return 'doce may not use Docker. Add its user to the group "docker" (usermod -aG docker <user>), then restart doce.';
	if (code === 'ENOENT' && where === '')
		return 'Docker was not found. Install Docker Engine 20.10 or newer and start it (systemctl start docker); doce goes on by itself then.';
	return `Docker does not answer${where}. Start it (systemctl start docker); doce goes on by itself then.`;
}

/** What keeps this engine from running projects; undefined when nothing does. */
export function unfitWords({ Version, ApiVersion }: Version, { OSType, SecurityOptions }: Info): string | undefined {
	const [major = 0, minor = 0] = (ApiVersion ?? '').split('.').map(Number);
	if (major < OLDEST_API[0] || (major === OLDEST_API[0] && minor < OLDEST_API[1]))
		return `Docker ${Version ?? ''} is too old. Install Docker Engine 20.10 or newer, then restart doce.`;
	if (OSType !== 'linux') return 'Projects need Linux containers. Switch Docker to them, then restart doce.';
	const mapped = (SecurityOptions ?? []).find((option) => /name=(rootless|userns)/.test(option));
	if (mapped !== undefined)
		return (
			'This Docker gives containers other users than this machine has (rootless, or userns-remap): projects could not ' +
			'read their files. Use one that does not, or run doce itself in Docker beside its projects.'
		);
	return undefined;
}

export function missingImageWords(image: string): string {
	return `The image ${image} is not there. Build it with npm run docker:build, or docker compose build; doce goes on by itself then.`;
}

/** An address may hold a password. */
function withoutSecrets(address: string): string {
	if (!URL.canParse(address)) return 'the address in DOCKER_HOST';
	const { protocol, host, pathname } = new URL(address);
	return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
