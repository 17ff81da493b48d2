import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '#server/errors.ts';
import { giveToOwnerOf, isAbsent, readPlain } from '#server/plainFiles.ts';
import type { OpenCodeSetup } from './config.ts';

/** The version that package.json pins; a cache made by another one is made anew. */
export const OPENCODE_VERSION = '1.18.33';

/** What a child may take over from doce's own environment: where programs, certificates and proxies are, no more. */
const INHERITED = [
	'PATH',
	'LANG',
	'LC_ALL',
	'TZ',
	'SSL_CERT_FILE',
	'SSL_CERT_DIR',
	'NODE_EXTRA_CA_CERTS',
	'HTTP_PROXY',
	'HTTPS_PROXY',
	'NO_PROXY',
	'http_proxy',
	'https_proxy',
	'no_proxy',
	'npm_config_registry',
];

/**
 * What the JavaScript engine takes for the machine's memory: 512 MB. With 256 MB it collected without end once a project
 * was in use (a third of a core while idle, prompts 70 % slower); without a limit it took 40 MB more.
 */
const FORCED_RAM_BYTES = '536870912';

/** The path of the OpenCode binary that npm installed. Throws `AppError('unavailable')` naming the package to install. */
export function openCodeBinary(): string {
	const name = `opencode-${process.platform}-${process.arch}`;
	try {
		return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'opencode');
	} catch (cause) {
		const words = `OpenCode is not installed: the package ${name} is missing. Run npm ci without --omit=optional.`;
		throw new AppError('unavailable', words, { cause });
	}
}

/**
 * Makes, or brings up to date, the private folders of one OpenCode server under `home`: its data, its configuration and
 * its list of models. OpenCode reads the configuration anew at its start and after a dispose; returns whether it is
 * another one than before. `plugins` are paths of extra plugins; only tests have some.
 */
export async function prepareOpenCodeHome(
	home: string,
	setup: OpenCodeSetup & { plugins?: string[] },
): Promise<boolean> {
	const at = foldersOf(home);
	for (const folder of openCodeFolders(home)) await makeFolder(folder);
	await claimPluginInstalled(at.settings);
	await silenceLog(at.logs);
	const plugin = setup.plugins?.map((path) => pathToFileURL(path).href);
	await writePrivate(at.models, setup.models);
	return writePrivate(at.configFile, { ...setup.config, ...(plugin && { plugin }) });
}

/** Everything that OpenCode writes to: first the whole, then the folders in it that must stay what they are. */
export function openCodeFolders(home: string): string[] {
	const at = foldersOf(home);
	const data = dirname(at.credentials);
	return [home, at.config, at.settings, at.data, data, at.logs, at.state, at.cache, at.tmp];
}

/** Whether OpenCode has been told just this already. */
export async function isPrepared(home: string, { config }: OpenCodeSetup): Promise<boolean> {
	return holds(foldersOf(home).configFile, textOf(config));
}

/** The files of OpenCode's that hold secrets: its credentials, its configuration and what it was told. */
export function openCodeFiles(home: string): { credentials: string; configFile: string; database: string } {
	const { credentials, configFile } = foldersOf(home);
	return { credentials, configFile, database: join(dirname(credentials), 'opencode.db') };
}

export type OpenCodeServer = {
	binary: string;
	home: string;
	port: number;
	password: string;
	/** The same as in `prepareOpenCodeHome`. */
	plugins?: string[];
	/** Lets it read its own list of every provider, and renew that from the network: for the catalogue only. */
	wholeCatalog?: boolean;
	/** Writes its log to its output: for short runs alone, whose output is kept in memory. */
	printsLog?: boolean;
};

/**
 * How to start an OpenCode server that listens on 127.0.0.1 alone, for the home that `prepareOpenCodeHome` made; port 0
 * lets it choose. The environment is complete. The folder to run it in is the project's workspace.
 */
export function openCodeCommand(
	options: OpenCodeServer,
	parent: NodeJS.ProcessEnv = process.env,
): { argv: string[]; env: Record<string, string> } {
	const at = foldersOf(options.home);
	const listen = ['serve', '--hostname', '127.0.0.1', '--port', String(options.port)];
	return {
		argv: [options.binary, ...listen, ...(options.printsLog ? ['--print-logs'] : []), '--log-level', 'ERROR'],
		env: {
			...inherit(parent),
			HOME: options.home,
			TMPDIR: at.tmp,
			XDG_CONFIG_HOME: at.config,
			XDG_DATA_HOME: at.data,
			XDG_STATE_HOME: at.state,
			XDG_CACHE_HOME: at.cache,
			OPENCODE_SERVER_PASSWORD: options.password,
			OPENCODE_CONFIG: at.configFile,
			...(!options.wholeCatalog && { OPENCODE_MODELS_PATH: at.models, OPENCODE_DISABLE_MODELS_FETCH: '1' }),
			OPENCODE_DISABLE_AUTOUPDATE: '1',
			OPENCODE_DISABLE_SHARE: '1',
			OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
			OPENCODE_DISABLE_EMBEDDED_WEB_UI: '1',
			// What lies in the workspace was written by an agent: it configures nothing, and loads no code into the server.
			OPENCODE_DISABLE_PROJECT_CONFIG: '1',
			OPENCODE_DISABLE_CLAUDE_CODE: '1',
			OPENCODE_DISABLE_EXTERNAL_SKILLS: '1',
			...(!options.plugins?.length && !options.wholeCatalog && { OPENCODE_PURE: '1' }),
			BUN_JSC_forceRAMSize: FORCED_RAM_BYTES,
		},
	};
}

/** The header that opens an OpenCode server started with `password`. */
export function openCodeAuthorization(password: string): { authorization: string } {
	return { authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}` };
}

function foldersOf(home: string) {
	const config = join(home, 'config');
	return {
		config,
		settings: join(config, 'opencode'),
		data: join(home, 'data'),
		state: join(home, 'state'),
		cache: join(home, 'cache'),
		tmp: join(home, 'tmp'),
		credentials: join(home, 'data/opencode/auth.json'),
		logs: join(home, 'data/opencode/log'),
		models: join(home, 'models.json'),
		/** Not in `settings`: what lies there OpenCode reads once. */
		configFile: join(home, 'opencode.json'),
	};
}

function inherit(parent: NodeJS.ProcessEnv): Record<string, string> {
	return Object.fromEntries(INHERITED.flatMap((name) => (parent[name] ? [[name, parent[name]]] : [])));
}

/** An agent that ran without a fence may have put a link there, which would lead what is written here elsewhere. */
async function makeFolder(folder: string): Promise<void> {
	if (!(await lstat(folder).catch(ifAbsent))?.isDirectory()) await rm(folder, { force: true });
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await chmod(folder, 0o700);
}

function ifAbsent(error: unknown): undefined {
	if (!isAbsent(error)) throw error;
}

/** What a provider answers is logged as it came, and some repeat the whole key: nothing of OpenCode's log is kept. */
async function silenceLog(folder: string): Promise<void> {
	const log = join(folder, 'opencode.log');
	const there = await lstat(log).catch(ifAbsent);
	if (there !== undefined && !there.isFile()) return;
	await rm(log, { force: true });
	await symlink('/dev/null', log);
}

/** OpenCode installs its plugin package into every configuration folder, unless this says that it is there. */
async function claimPluginInstalled(folder: string): Promise<void> {
	const declared = { dependencies: { '@opencode-ai/plugin': '*' } };
	await mkdir(join(folder, 'node_modules'), { recursive: true, mode: 0o700 });
	await writePrivate(join(folder, 'package.json'), declared);
	await writePrivate(join(folder, 'package-lock.json'), { lockfileVersion: 3, packages: { '': declared } });
}

/**
 * OpenCode puts environment variables and whole files in the place of `{env:NAME}` and `{file:path}`, wherever they
 * stand in its configuration. A name or a header that a person gave must not read doce's files that way: written with
 * an escaped brace, the text is the same and nothing is found in it.
 */
function withoutSubstitutions(json: string): string {
	return json.replace(/\{(?=(?:env|file):)/g, '\\u007b');
}

function textOf(content: unknown): string {
	return withoutSubstitutions(JSON.stringify(content));
}

async function holds(path: string, text: string): Promise<boolean> {
	return (await readPlain(path, Buffer.byteLength(text))) === text;
}

/** Replaced as a whole, since a running server may read it at any moment. Returns whether it changed. */
async function writePrivate(path: string, content: unknown): Promise<boolean> {
	const text = textOf(content);
	if (await holds(path, text)) return false;
	const draft = `${path}.${randomBytes(6).toString('hex')}`;
	await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
	await giveToOwnerOf(dirname(path), draft);
	await rename(draft, path);
	return true;
}
