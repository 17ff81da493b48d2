import { AppError } from '../../errors.ts';

/** The most that the body of a verb may weigh, in bytes; Astro holds its Actions to the same. */
const MAX_BODY = 1024 * 1024;

/** Answered with 413, but `invalid` all the same: scripts know the six codes. */
class TooLarge extends AppError {
	constructor() {
		super('invalid', 'The body is larger than 1 MB. Send less at once.');
	}

	override get status(): number {
		return 413;
	}
}

/**
 * The JSON of a request; an empty body is an empty object. Never holds more than 1 MB, whatever the headers promise.
 * Throws `AppError('invalid')`. What is left of a refused body stays unread.
 */
export async function readJson(request: Request): Promise<unknown> {
	const text = await readText(request);
	if (text.trim() === '') return {};
	try {
		return JSON.parse(text) as unknown;
	} catch (cause) {
		throw new AppError('invalid', 'The body is not valid JSON.', { cause });
	}
}

async function readText(request: Request): Promise<string> {
	if (Number(request.headers.get('content-length')) > MAX_BODY) throw new TooLarge();
	const reader = request.body?.getReader();
	const chunks: Uint8Array[] = [];
	let size = 0;
	for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
		size += read.value.byteLength;
		// Not cancelled: that would cut the connection before the answer is out.
		if (size > MAX_BODY) throw new TooLarge();
		chunks.push(read.value);
	}
	return Buffer.concat(chunks).toString('utf8');
}
