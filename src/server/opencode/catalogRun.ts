import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { authPrompt, authType } from '#shared/providers.ts';
import { catalogModel, isUsable, type ListedModel, listedModel, toCatalogModel } from './catalogModels.ts';
import { connectOpenCode, waitUntilHealthy } from './client.ts';
import { openCodeAuthorization, openCodeBinary, openCodeCommand, prepareOpenCodeHome } from './server.ts';

export const catalogProvider = z.object({
	id: z.string(),
	name: z.string(),
	/** The AI SDK package of most of its models. */
	npm: z.string(),
	/** The base URL, where it is not the SDK's own. May hold `${VARIABLE}`s, named in `env`. */
	api: z.string().nullable(),
	env: z.array(z.string()),
	/** Only what OpenCode lists; a provider without any takes an API key. */
	authMethods: z.array(z.object({ type: authType, label: z.string(), prompts: z.array(authPrompt) })),
	models: z.array(catalogModel),
});
type CatalogProvider = z.infer<typeof catalogProvider>;

/** A start of OpenCode and one list of all its providers, in ms, on a slow machine. */
const RUN_TIMEOUT = 60_000;
/** How long the newest list of models may take to come from the network, in ms. */
const NETWORK_TIMEOUT = 12_000;

/** Ends the program it runs as soon as its own input closes: also when doce is killed, nothing stays behind. */
const LEASH = `
	const [program, ...args] = process.argv.slice(1);
	const child = require('node:child_process').spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
	child.on('error', () => process.exit(1)).on('exit', () => process.exit(0));
	process.stdin.on('end', () => child.kill('SIGKILL')).resume();
`;

/**
 * Starts OpenCode in an empty home, lets it list what it knows, and ends it. `isNewest` tells whether the models came
 * from the network; otherwise they are those that OpenCode was built with. `modelsUrl` replaces the public address.
 */
export async function runForCatalog(modelsUrl?: string): Promise<{ providers: CatalogProvider[]; isNewest: boolean }> {
	const home = await mkdtemp(join(tmpdir(), 'doce-catalog-'));
	const password = randomBytes(24).toString('base64url');
	await prepareOpenCodeHome(home, { config: { autoupdate: false, share: 'disabled' }, models: {} });
	const { argv, env } = openCodeCommand({ binary: openCodeBinary(), home, port: 0, password, wholeCatalog: true });
	const child = spawn(process.execPath, ['-e', LEASH, ...argv], {
		cwd: home,
		env: { ...env, ...(modelsUrl !== undefined && { OPENCODE_MODELS_URL: modelsUrl }) },
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	try {
		const signal = AbortSignal.timeout(RUN_TIMEOUT);
		const output = follow(child);
		const address = { host: '127.0.0.1', port: await findPort(output, signal), password, directory: home };
		await waitUntilHealthy(async () => connectOpenCode(address), signal);
		const isNewest = await waitForNetwork(home, output, signal);
		return { providers: await readLists(address, signal), isNewest };
	} finally {
		await end(child);
		await rm(home, { recursive: true, force: true, maxRetries: 5 });
	}
}

type Output = { text: string; ended: boolean };

function follow(child: ChildProcess): Output {
	const output = { text: '', ended: false };
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding('utf8').on('data', (chunk: string) => {
			output.text = (output.text + chunk).slice(-100_000);
		});
	}
	child.once('error', () => {
		output.ended = true;
	});
	child.once('exit', () => {
		output.ended = true;
	});
	return output;
}

async function findPort(output: Output, signal: AbortSignal): Promise<number> {
	for (;;) {
		const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output.text)?.[1];
		if (port !== undefined) return Number(port);
		if (output.ended) throw new Error('OpenCode ended before it listened.');
		await sleep(25, undefined, { signal });
	}
}

/** OpenCode fetches the list by itself when it starts: a file tells that it came, a line in the log that it did not. */
async function waitForNetwork(home: string, output: Output, signal: AbortSignal): Promise<boolean> {
	const deadline = Date.now() + NETWORK_TIMEOUT;
	while (Date.now() < deadline && !output.ended && !output.text.includes('Failed to fetch models.dev')) {
		const files = await readdir(join(home, 'cache', 'opencode'));
		if (files.some((name) => /^models.*\.json$/.test(name))) return true;
		await sleep(50, undefined, { signal });
	}
	return false;
}

const providerList = z.object({
	all: z.array(
		z.object({ id: z.string(), name: z.string(), env: z.array(z.string()), models: z.record(z.string(), listedModel) }),
	),
});
const authList = z.record(
	z.string(),
	z.array(z.object({ type: authType, label: z.string(), prompts: z.array(authPrompt).default([]) })),
);

async function readLists(
	address: { port: number; password: string; directory: string },
	signal: AbortSignal,
): Promise<CatalogProvider[]> {
	const ask = async (path: string): Promise<unknown> => {
		const url = `http://127.0.0.1:${address.port}${path}?directory=${encodeURIComponent(address.directory)}`;
		return (await fetch(url, { headers: openCodeAuthorization(address.password), signal })).json();
	};
	const { all } = providerList.parse(await ask('/provider'));
	const methods = authList.parse(await ask('/provider/auth'));
	return all.flatMap(({ id, name, env, models }) => {
		const usable = Object.values(models).filter(isUsable);
		if (usable.length === 0) return [];
		const common = mostCommon(usable);
		const authMethods = methods[id] ?? [];
		return [{ id, name, env, ...common, authMethods, models: usable.map((model) => toCatalogModel(model, common)) }];
	});
}

/** What most of a provider's models share is taken for the provider's own. */
function mostCommon(models: ListedModel[]): { npm: string; api: string | null } {
	const groups = Map.groupBy(models, ({ api }) => `${api.npm} ${api.url}`);
	const largest = [...groups.values()].reduce((one, other) => (other.length > one.length ? other : one));
	const { npm = '', url = '' } = largest[0]?.api ?? {};
	return { npm, api: url === '' ? null : url };
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	const gone = once(child, 'exit');
	child.stdin?.end();
	await gone;
}
