import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The port that the gateway had before, which projects that still run know; 0 when there is none. */
export async function readPort(dataDir: string): Promise<number> {
	const text = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return '';
		throw error;
	});
	const port = Number(text.trim());
	return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

export async function writePort(dataDir: string, port: number): Promise<void> {
	const file = fileOf(dataDir);
	if ((await readPort(dataDir)) === port) return;
	await writeFile(`${file}.tmp`, `${port}\n`, { mode: 0o600 });
	await rename(`${file}.tmp`, file);
}

function fileOf(dataDir: string): string {
	return join(dataDir, 'gateway.port');
}
