import { dirname, join } from 'node:path';
import { openCodeFiles } from '../server.ts';
import { SECRET_FIELDS, SHORTEST_HEADER } from './secrets.ts';

/** The program that takes echoes out; a fence has to show it. */
export const echoProgram = join(import.meta.dirname, 'removeEchoes.js');

export type EchoRemoval = { argv: string[]; env: Record<string, string>; cwd: string; program: string };

/**
 * How to take out of OpenCode's database what it keeps as a secret elsewhere. A provider that repeats the whole key when
 * it refuses it puts it there: OpenCode keeps the answer with its message. It may be running, but should be idle. The
 * database is one that an agent can write, so that it may be anything and take for ever: to be run behind the project's
 * fence, and with a deadline. It ends with 0 when nothing is left.
 */
export function echoRemoval(home: string): EchoRemoval {
	const { credentials, configFile, database } = openCodeFiles(home);
	const places = { credentials, configFile, database, fields: SECRET_FIELDS, shortestHeader: SHORTEST_HEADER };
	return {
		argv: [process.execPath, '--disable-warning=ExperimentalWarning', echoProgram, JSON.stringify(places)],
		env: {},
		cwd: dirname(database),
		program: echoProgram,
	};
}
