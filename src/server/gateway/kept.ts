import { readFile, rename, writeFile } from 'node:fs/promises';

/** A line that is to outlive doce, so that projects that still run find what they knew; empty when there is none. */
export async function readKept(file: string): Promise<string> {
	const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return '';
		throw error;
	});
	return text.trim();
}

export async function keep(file: string, line: string): Promise<void> {
	if ((await readKept(file)) === line) return;
	await writeFile(`${file}.tmp`, `${line}\n`, { mode: 0o600 });
	await rename(`${file}.tmp`, file);
}
