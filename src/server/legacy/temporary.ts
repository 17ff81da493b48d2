import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'import-';
const ours = new Set<string>();

/**
 * Gives `work` a private folder on the same disk as the projects, and removes it afterwards, with what a killed import
 * left behind.
 */
export async function withTemporaryFolder<T>(dataDir: string, work: (folder: string) => Promise<T>): Promise<T> {
	await removeLeftovers(dataDir);
	const folder = await mkdtemp(join(dataDir, `${PREFIX}${process.pid}-`));
	ours.add(folder);
	try {
		return await work(folder);
	} finally {
		ours.delete(folder);
		await rm(folder, { recursive: true, force: true });
	}
}

async function removeLeftovers(dataDir: string): Promise<void> {
	for (const name of await readdir(dataDir)) {
		if (!name.startsWith(PREFIX)) continue;
		const pid = Number(name.split('-')[1]);
		const isInUse = pid === process.pid ? ours.has(join(dataDir, name)) : isProcess(pid);
		if (!isInUse) await rm(join(dataDir, name), { recursive: true, force: true });
	}
}

function isProcess(pid: number): boolean {
	if (!Number.isInteger(pid) || pid <= 0) return false;
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
