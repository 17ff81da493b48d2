import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';
import { eventStream } from '#server/live/sse.ts';
import { ownProject } from '#server/projects/projects.ts';
import { findCaller } from '#server/web/caller.ts';
import { checkReader } from '#server/web/origin.ts';

export const prerender = false;

/** Live events of the signed-in person; with `?project=<id>` also what happens inside that project. */
export const GET: APIRoute = async ({ request, url, locals }) => {
	const { caller } = locals;
	if (caller === undefined) return new Response('Sign in first.', { status: 401 });
	const { db, live, logger, publicUrl, signIn, stopping, uses, version } = app();
	if (caller.via === 'session') checkReader(request.headers, publicUrl.origin);
	const projectId = url.searchParams.get('project') ?? undefined;
	if (projectId !== undefined) await ownProject(db, caller.user, projectId);
	const noteUse = (): void => {
		if (projectId !== undefined) uses.note(projectId);
	};
	noteUse();
	return eventStream({
		first: { type: 'hello', version },
		subscribe: (listener) => live.subscribe({ userId: caller.user.id, projectId }, listener),
		stillAllowed: async () => {
			const isAllowed = (await findCaller({ db, signIn }, request.headers)) !== undefined;
			// The page of the project is still open.
			if (isAllowed) noteUse();
			return isAllowed;
		},
		logger,
		unsent: locals.unsent,
		signal: AbortSignal.any([stopping, request.signal]),
	});
};

/** Otherwise Astro would open the stream for a HEAD, and nobody would ever read or close it. */
export const HEAD: APIRoute = () => new Response(null, { status: 405, headers: { allow: 'GET' } });
