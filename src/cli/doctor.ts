import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockedMessage, openKeyring } from '#server/auth/keys/keyring.ts';
import { type Config, hiddenPaths, loadConfig } from '#server/config.ts';
import { databaseFile, openDatabase } from '#server/db/client.ts';
import { messageForPerson } from '#server/errors.ts';
import { createLogger } from '#server/logger.ts';
import { openCodeBinary } from '#server/opencode/server.ts';
import { findTrouble } from '#server/runtime/docker/connection/connection.ts';
import { imageOf } from '#server/runtime/docker/image.ts';
import { openSeparation } from '#server/runtime/fence/fence.ts';
import type { Isolation } from '#shared/projects.ts';

type Finding = { ok: boolean; what: string; detail: string };

/** Says what is installed, which isolation is possible here, and whether stored keys open. Ends with 1 if doce cannot run. */
export async function doctor(): Promise<void> {
	const config = loadConfig();
	const needed = [checkNode(), checkOpenCode(), await checkDatabase(config), ...checkPreviewHost(config)];
	for (const { ok, what, detail } of [...needed, ...checkTools(), ...(await checkIsolation(config))]) {
		console.log(`${ok ? '✓' : '!'} ${what.padEnd(18)} ${detail}`);
	}
	if (needed.some(({ ok }) => !ok)) process.exitCode = 1;
}

function checkNode(): Finding {
	return {
		ok: Number(process.versions.node.split('.')[0]) >= 24,
		what: 'Node',
		detail: `${process.version} (24 or newer is needed)`,
	};
}

function checkOpenCode(): Finding {
	try {
		const binary = openCodeBinary();
		const version = execFileSync(binary, ['--version'], { encoding: 'utf8', timeout: 20_000 }).trim();
		return { ok: true, what: 'OpenCode', detail: version };
	} catch (error) {
		return { ok: false, what: 'OpenCode', detail: messageForPerson(error) };
	}
}

async function checkDatabase(config: Config): Promise<Finding> {
	const file = databaseFile(config.dataDir);
	if (!existsSync(file))
		return { ok: true, what: 'Data folder', detail: `${config.dataDir} (new: doce makes it at its first start)` };
	const database = await openDatabase(file);
	try {
		const mode = (statSync(config.dataDir).mode & 0o777).toString(8);
		const locked = lockedMessage(await openKeyring(database.db, config));
		const detail = locked ?? `${config.dataDir} (mode ${mode}); stored keys open with ${config.masterKeyFile}`;
		return { ok: locked === undefined, what: 'Data folder', detail };
	} finally {
		await database.close();
	}
}

/** A preview in doce's frame keeps its cookie on https and on localhost; on plain http elsewhere both must share a site. */
function checkPreviewHost({ publicUrl, previewDomain }: Config): Finding[] {
	const host = publicUrl?.hostname ?? 'localhost';
	const domain = previewDomain ?? host;
	const detail = `${publicUrl?.origin ?? 'http://localhost'}, previews on *.${domain}`;
	if (/^[\d.]+$|:/.test(domain)) {
		return [
			{
				ok: false,
				what: 'Preview host',
				detail: `${detail}. An address has no subdomains: set DOCE_PREVIEW_DOMAIN to a name whose subdomains lead here.`,
			},
		];
	}
	const isPlain = publicUrl?.protocol === 'http:' && host !== 'localhost';
	const sameSite = domain === host || domain.endsWith(`.${host}`) || host.endsWith(`.${domain}`);
	if (isPlain && !sameSite) {
		return [
			{
				ok: false,
				what: 'Preview host',
				detail: `${detail}. On plain http the frame needs previews on a subdomain of ${host}; or use https.`,
			},
		];
	}
	return [{ ok: true, what: 'Preview host', detail }];
}

function checkTools(): Finding[] {
	return ['npm', 'git'].map((tool) => {
		const version = versionOf(tool, ['--version']);
		const need =
			tool === 'npm' ? 'needed to install the dependencies of new sites' : 'without it, messages cannot be reverted';
		return { ok: version !== undefined, what: tool, detail: version ?? `not found: ${need}` };
	});
}

async function checkIsolation(config: Config): Promise<Finding[]> {
	if (config.runtime === 'docker') return [await checkDocker(config)];
	const { level, reason } = await probe(config);
	const bubblewrap = versionOf('bwrap', ['--version']);
	return [
		{ ok: level === 'isolated', what: 'Isolation', detail: `${LEVELS[level]}. ${reason}` },
		{ ok: bubblewrap !== undefined, what: 'bubblewrap', detail: bubblewrap ?? 'not installed' },
	];
}

async function checkDocker(config: Config): Promise<Finding> {
	const image = imageOf(config);
	const trouble = await findTrouble(image);
	const detail = trouble ?? `projects run in containers of their own, from ${image}`;
	return { ok: trouble === undefined, what: 'Docker', detail };
}

const LEVELS: Record<Isolation['level'], string> = {
	isolated: 'projects are isolated',
	partly: 'projects are partly isolated',
	not: 'projects are not isolated on this machine',
};

/** Starts a fence such as projects get, in a folder that is gone afterwards. */
async function probe(config: Config): Promise<Isolation> {
	const dir = mkdtempSync(join(tmpdir(), 'doce-doctor-'));
	try {
		const options = { dir, logger: createLogger('silent'), mode: config.fence, hidden: hiddenPaths(config) };
		return (await openSeparation(options)).isolation;
	} finally {
		rmSync(dir, { recursive: true });
	}
}

function versionOf(program: string, args: string[]): string | undefined {
	try {
		return execFileSync(program, args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] })
			.trim()
			.split('\n')[0];
	} catch (error) {
		if (error instanceof Error) return undefined;
		throw error;
	}
}
