import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';
import { AppError } from '#server/errors.ts';
import { auditFilter, auditFormat } from '#shared/audit.ts';
import { exportAudit, exportName, MEDIA_TYPES } from '../../actions/audit/export.ts';
import { toFilter } from '../../actions/audit/filter.ts';

export const prerender = false;

/** `GET /api/audit.csv` and `/api/audit.json`: every entry that matches the filters in the address, as a download. */
export const GET: APIRoute = ({ params, url, locals }) => {
	if (locals.caller === undefined) throw new AppError('unauthenticated', 'Sign in first, or send an API token.');
	const format = auditFormat.safeParse(params['format']);
	if (!format.success) throw new AppError('not_found', 'The activity is exported as audit.csv or audit.json.');
	const { all, ...query } = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''));
	const input = auditFilter.safeParse({ ...query, ...(all !== undefined && { all: all === 'true' }) });
	if (!input.success) throw new AppError('invalid', input.error.issues.map(({ message }) => message).join('\n'));
	const pieces = exportAudit(app(), toFilter(input.data, locals.caller.user), format.data);
	return new Response(toStream(pieces, format.data === 'csv'), {
		headers: {
			'content-type': MEDIA_TYPES[format.data],
			'content-disposition': `attachment; filename="${exportName(format.data)}"`,
		},
	});
};

/** Reads on as fast as the other end takes it. Spreadsheets take a file for UTF-8 only by the mark in front. */
function toStream(pieces: AsyncGenerator<string>, withMark: boolean): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream({
		start(controller) {
			if (withMark) controller.enqueue(encoder.encode('\uFEFF'));
		},
		async pull(controller) {
			const { done, value } = await pieces.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		async cancel() {
			await pieces.return(undefined);
		},
	});
}
