import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { Secret } from './secret.ts';

const text = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });

/** Every variable doce knows, with what it accepts. Anything else that starts with `DOCE_` is refused. */
const variables = z.strictObject({
	DOCE_DATA_DIR: text.default('./data'),
	DOCE_HOST: text.default('127.0.0.1'),
	DOCE_PORT: z.coerce.number().int().min(0).max(65_535).default(4321),
	DOCE_PUBLIC_URL: url.optional(),
	DOCE_PREVIEW_DOMAIN: z
		.string()
		.regex(/^[a-z0-9.-]+$/, 'a host name such as preview.example.com')
		.optional(),
	DOCE_RUNTIME: z.enum(['process', 'docker']).default('process'),
	DOCE_PROJECT_IMAGE: text.optional(),
	DOCE_FENCE: z.enum(['auto', 'off']).default('auto'),
	DOCE_DATABASE_URL: z
		.undefined('PostgreSQL is not supported by this version; leave it unset to use SQLite')
		.optional(),
	DOCE_ADMIN_USERNAME: text.optional(),
	DOCE_ADMIN_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
	DOCE_MASTER_KEY_FILE: text.optional(),
	DOCE_MASTER_KEY: text.optional(),
	DOCE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = {
	readonly dataDir: string;
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** The configured public origin; unset means `http://localhost:<port>`. */
	readonly publicUrl: URL | undefined;
	/** Previews live on `<slug>.<previewDomain>`; unset means the public host's name. */
	readonly previewDomain: string | undefined;
	readonly runtime: 'process' | 'docker';
	/** The image that Docker runs projects from; unset means the one that `npm run docker:build` makes. */
	readonly projectImage: string | undefined;
	/** `auto`: projects are fenced in wherever that works. */
	readonly fence: 'auto' | 'off';
	readonly admin: { readonly username: string; readonly password: Secret } | undefined;
	readonly masterKeyFile: string;
	readonly masterKey: Secret | undefined;
	readonly logLevel: string;
	/** `XDG_RUNTIME_DIR`: where this system keeps sockets of whoever runs doce. */
	readonly runtimeDir: string | undefined;
	/** The way to public addresses, where this machine has no other; its address may hold a password. */
	readonly proxy: OutwardProxy | undefined;
	/** `npm_config_registry`, as it was given. */
	readonly registry: string | undefined;
	/** Variables of providers, as they stood at the start: keys, and the settings that go with them. */
	readonly environment: ReadonlyMap<string, Secret>;
	/** Where other programs of this machine keep provider keys in plain text, existing or not. Nobody reads them. */
	readonly plainKeyFiles: readonly string[];
};

export type OutwardProxy = {
	readonly url: Secret;
	/** The hosts that are reached without it, as `NO_PROXY` has them. */
	readonly except: string;
};

/** What no project may see, wherever it lies: doce's own data, and keys in plain text. */
export function hiddenPaths({ dataDir, masterKeyFile, plainKeyFiles }: Config): string[] {
	return [dataDir, masterKeyFile, ...plainKeyFiles];
}

/** Variables whose names say it less plainly, by OpenCode's list of providers. */
const KEY_NAMES = [
	'AWS_BEARER_TOKEN_BEDROCK',
	'DATABRICKS_TOKEN',
	'DIGITALOCEAN_ACCESS_TOKEN',
	'FRIENDLI_TOKEN',
	'GITHUB_TOKEN',
	'GITLAB_TOKEN',
	'HF_TOKEN',
	'MODAL_PROXY_TOKEN',
	'NEON_AI_GATEWAY_TOKEN',
];

/** Whether a variable of this name holds a provider's key. doce's own and npm's are none of them. */
export function isKeyVariable(name: string): boolean {
	if (/^(DOCE|NPM|NODE)_/i.test(name)) return false;
	return KEY_NAMES.includes(name) || /_(API_?KEY|KEY|API_TOKEN|PAT)$/.test(name);
}

/** What goes with a key: which account, region or address it is for. Not secret, and left where it is. */
const SETTING =
	/_(RESOURCE_NAME|ACCOUNT|ACCOUNT_ID|GATEWAY_ID|PROJECT_ID|PRODUCT_ID|REGION|HOST|ENDPOINT|(API_)?BASE_URL|API_BASE)$/;

/** Names that hold secrets: taken out of the environment as soon as they are read, so that no child inherits them. */
const SECRET_NAMES = ['DOCE_MASTER_KEY', 'DOCE_ADMIN_PASSWORD'];

/**
 * Reads and validates the environment; the only place where doce itself goes by it. What is handed on to another
 * program as it stands is read where that is started.
 * Throws `AppError('invalid')` that names the variable and what is allowed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
	const given = Object.fromEntries(
		Object.entries(env).filter(([name, value]) => name.startsWith('DOCE_') && value !== ''),
	);
	const parsed = variables.safeParse(given);
	if (!parsed.success) throw new AppError('invalid', describeProblems(parsed.error));
	for (const name of SECRET_NAMES) delete env[name];
	const data = env['XDG_DATA_HOME'] || resolve(env['HOME'] || homedir(), '.local/share');
	return toConfig(parsed.data, {
		environment: takeProviderVariables(env),
		openCodeAuth: resolve(data, 'opencode/auth.json'),
		runtimeDir: env['XDG_RUNTIME_DIR'] || undefined,
		proxy: proxyIn(env),
		registry: env['npm_config_registry'] || undefined,
	});
}

/** By the names that other programs go by too; one that is none for http is left to them. */
function proxyIn(env: NodeJS.ProcessEnv): OutwardProxy | undefined {
	const first = (...names: string[]) => names.map((name) => env[name]).find(Boolean);
	const given = first('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy');
	if (given === undefined) return undefined;
	const address = given.includes('://') ? given : `http://${given}`;
	if (!url.safeParse(address).success) return undefined;
	return { url: new Secret(address), except: first('NO_PROXY', 'no_proxy') ?? '' };
}

/** Keys go out of the environment, so that no child inherits them. */
function takeProviderVariables(env: NodeJS.ProcessEnv): ReadonlyMap<string, Secret> {
	const taken = new Map<string, Secret>();
	for (const [name, value] of Object.entries(env)) {
		const isKey = isKeyVariable(name);
		if (!value || !(isKey || (SETTING.test(name) && !name.startsWith('DOCE_')))) continue;
		taken.set(name, new Secret(value));
		if (isKey) delete env[name];
	}
	return taken;
}

type Surroundings = { openCodeAuth: string } & Pick<Config, 'environment' | 'runtimeDir' | 'proxy' | 'registry'>;

function toConfig(vars: z.infer<typeof variables>, { openCodeAuth, ...surroundings }: Surroundings): Config {
	const dataDir = resolve(vars.DOCE_DATA_DIR);
	const username = vars.DOCE_ADMIN_USERNAME;
	const password = vars.DOCE_ADMIN_PASSWORD;
	if ((username === undefined) !== (password === undefined)) {
		throw new AppError('invalid', 'DOCE_ADMIN_USERNAME and DOCE_ADMIN_PASSWORD go together: set both, or neither.');
	}
	return Object.freeze({
		dataDir,
		host: vars.DOCE_HOST,
		port: vars.DOCE_PORT,
		publicUrl: vars.DOCE_PUBLIC_URL === undefined ? undefined : new URL(vars.DOCE_PUBLIC_URL),
		previewDomain: vars.DOCE_PREVIEW_DOMAIN,
		runtime: vars.DOCE_RUNTIME,
		projectImage: vars.DOCE_PROJECT_IMAGE,
		fence: vars.DOCE_FENCE,
		admin: username !== undefined && password !== undefined ? { username, password: new Secret(password) } : undefined,
		masterKeyFile: resolve(vars.DOCE_MASTER_KEY_FILE ?? `${dataDir}/keys/master.key`),
		masterKey: vars.DOCE_MASTER_KEY === undefined ? undefined : new Secret(vars.DOCE_MASTER_KEY),
		logLevel: vars.DOCE_LOG_LEVEL,
		...surroundings,
		plainKeyFiles: [...new Set([openCodeAuth, resolve(dirname(dataDir), '.env'), resolve('.env')])],
	});
}

function describeProblems(error: z.ZodError): string {
	return error.issues
		.map((issue) => {
			if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}.`;
			return `${issue.keys.join(', ')}: unknown setting. Known: ${Object.keys(variables.shape).join(', ')}.`;
		})
		.join('\n');
}
