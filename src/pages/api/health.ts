import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';

export const prerender = false;

/** 200 once migrations and the worker run; the web server itself answers 503 before that. */
export const GET: APIRoute = () => {
	const { version, stopping } = app();
	if (stopping.aborted) return Response.json({ status: 'stopping', version }, { status: 503 });
	return Response.json({ status: 'ok', version });
};
