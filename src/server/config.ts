import { resolve } from 'node:path';
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
	DOCE_RUNTIME: z.enum(['process']).default('process'),
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
	readonly runtime: 'process';
	readonly admin: { readonly username: string; readonly password: Secret } | undefined;
	readonly masterKeyFile: string;
	readonly masterKey: Secret | undefined;
	readonly logLevel: string;
};

/** Names that hold secrets: taken out of the environment as soon as they are read, so that no child inherits them. */
const SECRET_NAMES = ['DOCE_MASTER_KEY', 'DOCE_ADMIN_PASSWORD'];

/**
 * Reads and validates the environment; the only place that does.
 * Throws `AppError('invalid')` that names the variable and what is allowed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
	const given = Object.fromEntries(
		Object.entries(env).filter(([name, value]) => name.startsWith('DOCE_') && value !== ''),
	);
	const parsed = variables.safeParse(given);
	if (!parsed.success) throw new AppError('invalid', describeProblems(parsed.error));
	for (const name of SECRET_NAMES) delete env[name];
	return toConfig(parsed.data);
}

function toConfig(vars: z.infer<typeof variables>): Config {
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
		admin: username !== undefined && password !== undefined ? { username, password: new Secret(password) } : undefined,
		masterKeyFile: resolve(vars.DOCE_MASTER_KEY_FILE ?? `${dataDir}/keys/master.key`),
		masterKey: vars.DOCE_MASTER_KEY === undefined ? undefined : new Secret(vars.DOCE_MASTER_KEY),
		logLevel: vars.DOCE_LOG_LEVEL,
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
