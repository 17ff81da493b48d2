import { AppError } from '#server/errors.ts';
import type { ExecResult } from '../runtime.ts';

/** Behind a fence it is `entry.js` that finds nothing to execute, and says so. Throws `AppError('invalid')` then. */
export function withoutEntry(result: ExecResult): ExecResult {
	const missing = result.exitCode === 127 ? /^doce: (.*)\n/.exec(result.stderr)?.[1] : undefined;
	if (missing !== undefined) throw new AppError('invalid', `The command could not be run: ${missing}.`);
	return result;
}
