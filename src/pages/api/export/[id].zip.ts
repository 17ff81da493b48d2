import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';
import { AppError } from '#server/errors.ts';
import { exportSite, ZIP_TYPE } from '../../../actions/projects/export.ts';

export const prerender = false;

/** `GET /api/export/<project id>.zip`: the site's files, as a download. */
export const GET: APIRoute = async ({ params, locals }) => {
	const { caller } = locals;
	if (caller === undefined) throw new AppError('unauthenticated', 'Sign in first, or send an API token.');
	const { fileName, content } = await exportSite(app(), { user: caller.user, caller }, params['id'] ?? '');
	return new Response(content, {
		headers: { 'content-type': ZIP_TYPE, 'content-disposition': `attachment; filename="${fileName}"` },
	});
};
