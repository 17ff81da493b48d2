// Gives a site files of its own in place of those that it shares with other sites. It runs behind the site's fence: the
// site's agent may have put links anywhere. Plain JavaScript without imports of ours: nothing else is there.
import { randomBytes } from 'node:crypto';
import { chmodSync, constants, copyFileSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['.'];
for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
	chmodSync(folder, lstatSync(folder).mode | 0o700);
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) folders.push(path);
		else if (entry.isFile() && lstatSync(path).nlink > 1) replaceByCopy(folder, path);
	}
}

function replaceByCopy(folder, path) {
	const draft = join(folder, `.${randomBytes(9).toString('hex')}`);
	try {
		copyFileSync(path, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
	} catch (error) {
		if (error.code !== 'EACCES') throw error;
		// What may not even be read serves nobody here, and must not stay shared.
		return rmSync(path);
	}
	chmodSync(draft, lstatSync(path).mode | 0o200);
	renameSync(draft, path);
}
