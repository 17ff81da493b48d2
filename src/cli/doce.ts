import { messageForPerson } from '#server/errors.ts';
import { backup } from './backup.ts';
import { doctor } from './doctor.ts';
import { importLegacy } from './importLegacy.ts';
import { keys } from './keys.ts';
import { token } from './token.ts';

const COMMANDS: Record<string, { run(args: string[]): Promise<void>; usage: string }> = {
	token: {
		run: token,
		usage: 'token create --name <name> [--user <username>] | token list | token revoke <id or name>',
	},
	backup: { run: backup, usage: 'backup <file>' },
	doctor: { run: doctor, usage: 'doctor' },
	'import-legacy': {
		run: importLegacy,
		usage: 'import-legacy <db.sqlite or data folder> [--match-users] [--remove-plain-keys]',
	},
	keys: { run: keys, usage: 'keys rotate | keys reset --forget-credentials' },
};

const [name = 'help', ...args] = process.argv.slice(2);
const command = new Map(Object.entries(COMMANDS)).get(name);

if (command === undefined) {
	const isHelp = ['help', '--help', '-h'].includes(name);
	const lines = Object.values(COMMANDS).map(({ usage }) => `  npm run doce -- ${usage}`);
	console.error(`${isHelp ? 'Commands:' : `There is no command "${name}". Commands:`}\n${lines.join('\n')}`);
	process.exitCode = isHelp ? 0 : 2;
} else {
	try {
		await command.run(args);
	} catch (error) {
		console.error(isUsageError(error) ? `Usage: npm run doce -- ${command.usage}` : describe(error));
		process.exitCode = 1;
	}
}

/** `parseArgs` of Node throws these for unknown or unfinished options. */
function isUsageError(error: unknown): boolean {
	return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function describe(error: unknown): string {
	const message = messageForPerson(error);
	return message.startsWith('Something went wrong') && error instanceof Error ? `${message}\n${error.stack}` : message;
}
