import { parseArgs } from 'node:util';
import { openKeyring } from '#server/auth/keys/keyring.ts';
import { AppError } from '#server/errors.ts';
import { importLegacy as importOld } from '#server/legacy/importLegacy.ts';
import { removePlainKeys } from '#server/legacy/keys/removeKeys.ts';
import { printReport } from '#server/legacy/report.ts';
import type { KeyRemoval } from '#shared/legacy.ts';
import { withDatabase } from './open.ts';

/** Takes over people, keys and projects of the application that doce replaces, and says what came over. */
export async function importLegacy(args: string[]): Promise<void> {
	const options = { 'match-users': { type: 'boolean' }, 'remove-plain-keys': { type: 'boolean' } } as const;
	const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
	const [path] = positionals;
	if (path === undefined) throw new AppError('invalid', 'Name the old database or data folder: import-legacy <path>.');
	await withDatabase(async ({ db }, config) => {
		const deps = { db, keyring: await openKeyring(db, config), dataDir: config.dataDir };
		const input = { path, matchUsers: values['match-users'] === true };
		const report = await importOld(deps, input, { runtime: config.runtime, actor: 'doce' });
		print(printReport(report));
		if (values['remove-plain-keys']) print(['', ...printRemoval(await removePlainKeys(deps, path, 'doce'))]);
		else if (report.plainKeys.some(({ removable }) => removable)) print(OFFER);
	});
}

const OFFER = [
	'',
	'To take the keys that doce holds out of these files, once the old application needs them no more:',
	'  npm run doce -- import-legacy <path> --remove-plain-keys',
];

function printRemoval({ removed, left }: KeyRemoval): string[] {
	const nothing = removed.length + left.length === 0 ? ['No old file holds a key any more.'] : [];
	const gone = removed.map(({ path, what }) => `Removed from ${path}: ${what}`);
	const stays = left.map(({ path, why }) => `Not removed from ${path}: ${why}`);
	return [...nothing, ...gone, ...stays];
}

function print(lines: string[]): void {
	console.log(lines.join('\n'));
}
