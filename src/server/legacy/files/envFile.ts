import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Secret } from '#server/secret.ts';

const NAME = 'OPENROUTER_API_KEY';

/** Whether a file's name says that its values are for this place alone. Templates of such files are no secret. */
export function isEnvFile(name: string): boolean {
	return /^\.env(\..+)?$/i.test(name) && !/\.(example|sample|template)$/i.test(name);
}

/** The keys that lines such as `OPENROUTER_API_KEY=…` hold, commented out or not. */
export function keysIn(text: string): Secret[] {
	return text.split('\n').flatMap((line) => {
		const key = keyOf(line);
		return key === undefined ? [] : new Secret(key);
	});
}

/** Takes the lines away that hold one of `keys`. In place: the file keeps its owner and rights. Returns how many. */
export async function removeKeyLines(path: string, keys: readonly Secret[]): Promise<number> {
	const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
	try {
		const lines = (await file.readFile('utf8')).split('\n');
		const kept = lines.filter((line) => !keys.some((key) => line.includes(key.reveal())));
		if (kept.length === lines.length) return 0;
		const rest = Buffer.from(kept.join('\n'));
		await file.write(rest, 0, rest.length, 0);
		await file.truncate(rest.length);
		await file.sync();
		return lines.length - kept.length;
	} finally {
		await file.close();
	}
}

function keyOf(line: string): string | undefined {
	const value = new RegExp(`^\\s*#?\\s*(?:export\\s+)?${NAME}\\s*=\\s*(.*?)\\s*$`).exec(line)?.[1] ?? '';
	const bare = /^(["'`])(.*)\1$/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '');
	return bare.trim() === '' ? undefined : bare.trim();
}
