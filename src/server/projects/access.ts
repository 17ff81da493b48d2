import { dirname } from 'node:path';
import { type ConnectionRow, DEMO_PROVIDER_ID, metadataOf } from '../auth/connections.ts';
import { targetFromRow } from '../auth/input/endpoint.ts';
import { fillPlaceholders } from '../auth/input/placeholders.ts';
import { routeOf } from '../auth/probes/targets.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { openCodeBinary, openCodeFolders } from '../opencode/server.ts';
import type { Access, Destination, Runtime } from '../runtime/runtime.ts';
import { describeProvider, type ProviderSources } from './connected.ts';
import { projectPaths, requirePlainFolders } from './paths.ts';
import type { Project } from './projects.ts';
import { findServing } from './serving.ts';
import type { Npm } from './workspace/complete.ts';
import { previewCommand, workspaceFolders } from './workspace/workspace.ts';

type AccessServices = ProviderSources & {
	dataDir: string;
	plugins?: string[] | undefined;
	gateway: Pick<Gateway, 'listenForProject'>;
	runtime: Pick<Runtime, 'isolation'>;
};

/** The port of a fenced project's own 127.0.0.1 at which it finds the gateway. */
const GATEWAY_PORT = 3129;

const VERTEX = [
	'{location}-aiplatform.googleapis.com',
	'aiplatform.{location}.rep.googleapis.com',
	'aiplatform.googleapis.com',
	'oauth2.googleapis.com',
];

/**
 * Hosts that an SDK or a sign-in goes to without being told, by provider, where they are not those of its address. Read
 * in the OpenCode that package.json pins. `{region}` is the field of the connection.
 */
const FURTHER_HOSTS: Record<string, string[]> = {
	openai: ['chatgpt.com'],
	'github-copilot': ['api.githubcopilot.com', 'api.individual.githubcopilot.com', 'api.business.githubcopilot.com'],
	cohere: ['api.cohere.com'],
	gitlab: ['cloud.gitlab.com'],
	'cloudflare-ai-gateway': ['gateway.ai.cloudflare.com'],
	'amazon-bedrock': ['bedrock-runtime.{region}.amazonaws.com', 'bedrock-mantle.{region}.api.aws'],
	'google-vertex': VERTEX,
	'google-vertex-anthropic': VERTEX,
};
const DEFAULTS: Record<string, string> = { region: 'us-east-1', location: 'us-central1' };

/** What all of a fenced project reaches: its site, and the provider that it holds the key of. */
export async function accessOf(services: AccessServices, project: Project): Promise<Access> {
	const { root, workspace } = projectPaths(services.dataDir, project.id);
	const write = workspaceFolders(workspace);
	if (services.runtime.isolation.level !== 'not') await requirePlainFolders(root, write);
	return { write, read: [], destinations: await destinationsOf(services, project), ports: [] };
}

/**
 * What its OpenCode alone reaches: its home, with the key or token in it, and the gateway that the token is for. The
 * packages of the site, which the preview runs, have no business with either.
 */
export async function accessOfOpenCode(
	services: AccessServices,
	project: Project,
): Promise<Pick<Access, 'write' | 'read' | 'ports'>> {
	const { root, home } = projectPaths(services.dataDir, project.id);
	const write = openCodeFolders(home);
	if (services.runtime.isolation.level !== 'not') await requirePlainFolders(root, write);
	return {
		write,
		read: [openCodeBinary(), ...(services.plugins ?? []).map(dirname)],
		ports: await gatewayPorts(services, project.id),
	};
}

/** Where projects find the gateway: behind a fence each has a socket of its own; undefined where there is none. */
export function gatewayPortInside({ isolation }: Pick<Runtime, 'isolation'>): number | undefined {
	return isolation.level === 'not' ? undefined : GATEWAY_PORT;
}

/** Has the gateway listen for a project that is fenced in; one that is not shares its port with others. */
export async function gatewayPorts(
	{ gateway, runtime }: Pick<AccessServices, 'gateway' | 'runtime'>,
	projectId: string,
): Promise<Access['ports']> {
	const port = gatewayPortInside(runtime);
	return port === undefined ? [] : [{ port, socket: await gateway.listenForProject(projectId) }];
}

/**
 * Where the OpenCode of a project calls its provider itself: exactly there, and only while it holds the key itself.
 * With a key that stays outside, doce's gateway is all it needs.
 */
export async function destinationsOf(services: AccessServices, project: Project): Promise<Destination[]> {
	const { connection, modelId } = await findServing(services.db, project);
	if (connection === undefined || connection.delivery !== 'direct') return [];
	if (connection.provider_id === DEMO_PROVIDER_ID) return toDestinations([services.demo.baseUrl()], true);
	const { addresses, local } = await addressesOf(services, connection, modelId);
	return toDestinations(addresses, local);
}

/** How long npm may take to install a site that came from elsewhere. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** npm behind the project's fence: its settings and scripts may come from whoever wrote the site. */
export function npmApart(runtime: Runtime, projectId: string): Npm {
	return async (args, dir) => {
		const { env } = previewCommand({ workspace: dir, port: 0 });
		const registry = process.env['npm_config_registry'];
		const command = {
			argv: ['npm', ...args],
			env: { ...env, ...(registry !== undefined && { npm_config_registry: registry }) },
			cwd: dir,
		};
		const access = { write: workspaceFolders(dir), read: [], destinations: [], ports: [] };
		await requirePlainFolders(dirname(dir), access.write);
		const { exitCode, stderr } = await runtime.run(projectId, command, access, AbortSignal.timeout(INSTALL_TIMEOUT_MS));
		return { code: exitCode, stderr };
	};
}

/** The one address that replaces every other, else all that the provider's SDK may go to. */
async function addressesOf(
	services: AccessServices,
	row: ConnectionRow,
	modelId: string | null,
): Promise<{ addresses: (string | undefined)[]; local: boolean }> {
	const target = targetFromRow(await services.catalog.find(row.provider_id), row, {});
	const local = target.allowPrivate;
	const setup = await describeProvider(services, row, modelId);
	if (setup.baseURL !== undefined) return { addresses: [setup.baseURL], local };
	const route = routeOf(target);
	const base = typeof route === 'string' ? undefined : route.base;
	const { fields } = metadataOf(row);
	// OpenCode fills the places in these itself, from the credential.
	const told = [setup.api ?? undefined, ...setup.models.map(({ provider }) => provider?.api)].map(
		(template) => template && fillPlaceholders(template, fields),
	);
	const hosts = (FURTHER_HOSTS[row.provider_id] ?? []).map((host) => `https://${fill(host, fields)}`);
	return { addresses: [base, ...told, ...hosts], local };
}

function toDestinations(addresses: (string | undefined)[], local: boolean): Destination[] {
	const urls = addresses.flatMap((address) => (address && URL.canParse(address) ? [new URL(address)] : []));
	const all = urls.map(({ hostname, port, protocol }) => ({
		host: hostname.replace(/^\[|\]$/g, ''),
		port: Number(port) || (protocol === 'https:' ? 443 : 80),
		local,
	}));
	return [...new Map(all.map((each) => [`${each.host} ${each.port}`, each])).values()];
}

/** A value that could be more than a part of a host name is left out, and with it the host. */
function fill(template: string, fields: Record<string, string>): string {
	return template.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = fields[name] ?? DEFAULTS[name] ?? '';
		return /^[a-z0-9-]+$/.test(value) ? value : '_';
	});
}
