import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';
import { AppError } from '#server/errors.ts';
import { usageFilter, usageGrouping } from '#shared/usage.ts';
import { CSV_TYPE, usageCsv, usageFileName } from '../../actions/usage/export.ts';
import { makeReport } from '../../actions/usage/report.ts';

export const prerender = false;

const query = usageFilter.extend({ by: usageGrouping });

/** `GET /api/usage.csv`: the report that the filters in the address ask for, as a download. */
export const GET: APIRoute = async ({ url, locals }) => {
	if (locals.caller === undefined) throw new AppError('unauthenticated', 'Sign in first, or send an API token.');
	const { all, by = 'day', ...rest } = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''));
	const input = query.safeParse({ ...rest, by, ...(all !== undefined && { all: all === 'true' }) });
	if (!input.success) throw new AppError('invalid', input.error.issues.map(({ message }) => message).join('\n'));
	const report = await makeReport(app(), locals.caller.user, input.data);
	// Spreadsheets take a file for UTF-8 only by the mark in front.
	return new Response(`\uFEFF${usageCsv(report)}`, {
		headers: {
			'content-type': CSV_TYPE,
			'content-disposition': `attachment; filename="${usageFileName(report)}"`,
		},
	});
};
