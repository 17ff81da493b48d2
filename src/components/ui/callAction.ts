/** Why a call failed: the server's `AppError` codes; `internal` is a bug there; `offline` means that doce did not answer. */
export type FailureCode =
	| 'invalid'
	| 'unauthenticated'
	| 'forbidden'
	| 'not_found'
	| 'conflict'
	| 'unavailable'
	| 'internal'
	| 'offline';

export type Failure = { ok: false; code: FailureCode /** Written for the person. */; message: string };
export type Result<T> = { ok: true; data: T } | Failure;

/** As Astro answers: the one or the other. */
export type Answer<T> = { data: T | undefined; error: { code: string; message: string } | undefined };

const CODES: Record<string, FailureCode> = {
	BAD_REQUEST: 'invalid',
	UNAUTHORIZED: 'unauthenticated',
	FORBIDDEN: 'forbidden',
	NOT_FOUND: 'not_found',
	CONFLICT: 'conflict',
	SERVICE_UNAVAILABLE: 'unavailable',
};

/** Waits for an Astro Action: `callAction(actions.chat.send(input))`. Never rejects for what can happen on a network. */
export async function callAction<T>(answer: Promise<Answer<T>>): Promise<Result<T>> {
	try {
		const { data, error } = await answer;
		if (error === undefined) return { ok: true, data: data as T };
		return { ok: false, code: CODES[error.code] ?? 'internal', message: error.message };
	} catch (error) {
		// `fetch` rejects with a TypeError when nothing answers; a SyntaxError is a page of something in between.
		if (error instanceof TypeError)
			return offline('doce does not answer. Check that it runs and that you are online, then try again.');
		if (error instanceof SyntaxError)
			return offline('Something between this page and doce answered in its place. Try again in a moment.');
		throw error;
	}
}

function offline(message: string): Failure {
	return { ok: false, code: 'offline', message };
}
