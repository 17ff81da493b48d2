import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names whose value is never written, whatever it holds. */
const SECRET_FIELDS = ['apiKey', 'key', 'token', 'password', 'authorization', 'cookie', 'access', 'refresh', 'secret'];

/** A JSON logger on stderr that leaves out secret fields, at the top and one level down. */
export function createLogger(level: string): Logger {
	return pino(
		{
			level,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
		},
		pino.destination({ dest: 2, sync: true }),
	);
}
