import { join } from 'node:path';
import { keep, readKept } from './kept.ts';

/** The port that the gateway had before, which projects that still run know; 0 when there is none. */
export async function readPort(dataDir: string): Promise<number> {
	const port = Number(await readKept(fileOf(dataDir)));
	return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

export function writePort(dataDir: string, port: number): Promise<void> {
	return keep(fileOf(dataDir), String(port));
}

function fileOf(dataDir: string): string {
	return join(dataDir, 'gateway.port');
}
