/** The codes an `AppError` may carry; each maps to one HTTP status. */
export const ERROR_STATUS = {
	invalid: 400,
	unauthenticated: 401,
	forbidden: 403,
	not_found: 404,
	conflict: 409,
	unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A failure whose message is written for the person who sees it: what happened, and what to do. */
export class AppError extends Error {
	override readonly name = 'AppError';
	readonly code: ErrorCode;

	constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}

	/** By its marks and not by its class: in development there are two copies of this module. */
	static override [Symbol.hasInstance](value: unknown): boolean {
		return value instanceof Error && value.name === 'AppError' && 'code' in value;
	}

	get status(): number {
		return ERROR_STATUS[this.code];
	}
}

/** The sentence to show for any thrown value: an `AppError`'s own, and nothing of the inside for anything else. */
export function messageForPerson(error: unknown): string {
	return error instanceof AppError ? error.message : 'Something went wrong. The server log has the details.';
}
