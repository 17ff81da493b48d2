import { getActionContext } from 'astro:actions';
import { defineMiddleware } from 'astro:middleware';
import type { APIContext, MiddlewareNext } from 'astro';
import { app } from '#server/app.ts';
import { AppError, messageForPerson } from '#server/errors.ts';
import { hasUsers } from '#server/users/users.ts';
import { type Caller, findCaller } from '#server/web/caller.ts';
import { addSecurityHeaders } from '#server/web/headers.ts';
import { checkSameOrigin } from '#server/web/origin.ts';
import { checkCaller, findVerb, toActionError } from './actions/define.ts';
import { verbs } from './actions/index.ts';

/** Pages that a person sees without being signed in. */
const OPEN_PAGES = ['/signin', '/setup'];
const READS = ['GET', 'HEAD'];
/** Astro's own routes that doce has no use for: nobody makes it resize pictures or render parts of pages. */
const UNUSED = /^\/_(image|server-islands)(\/|$)/;
/** Has a key of its own, and is called by OpenCode rather than by a browser. */
const DEMO = '/api/demo/';

/** Who is it, may the request be, where does it go, and what headers leave. */
export const onRequest = defineMiddleware(async (context, next) => {
	const { db, signIn, publicUrl, previewAccess } = app();
	const { request, url, locals } = context;
	locals.caller = url.pathname.startsWith(DEMO) ? undefined : await findCaller({ db, signIn }, request.headers);
	locals.address = context.clientAddress;
	locals.outgoingCookies = [];
	const response =
		refuse(context, publicUrl) ??
		refuseAction(context) ??
		refuseRoute(context) ??
		(await redirect(context, locals.caller)) ??
		(await proceed(context, next));
	for (const cookie of locals.outgoingCookies) response.headers.append('set-cookie', cookie);
	const { frameSource } = previewAccess;
	return addSecurityHeaders(response, { publicUrl, frameSource, isDevelopment: import.meta.env.DEV });
});

/** Scripts get JSON also when something of ours breaks; people get the page for it. */
async function proceed({ url }: APIContext, next: MiddlewareNext): Promise<Response> {
	try {
		return await next();
	} catch (error) {
		if (!(error instanceof AppError)) app().logger.error({ err: error, path: url.pathname }, 'A request failed.');
		if (!url.pathname.startsWith('/api/')) throw error;
		const code = error instanceof AppError ? error.code : 'internal';
		const status = error instanceof AppError ? error.status : 500;
		return Response.json({ error: { code, message: messageForPerson(error) } }, { status });
	}
}

function refuse({ request, url, locals }: APIContext, publicUrl: URL): Response | undefined {
	if (locals.caller?.via === 'token' || url.pathname.startsWith(DEMO)) return undefined;
	try {
		checkSameOrigin(request.method, request.headers, publicUrl.origin);
		return undefined;
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		return Response.json({ error: { code: error.code, message: error.message } }, { status: error.status });
	}
}

/** Astro reads the input of an Action before the Action can ask who calls: so it is asked here. */
function refuseAction(context: APIContext): Response | undefined {
	const { action, serializeActionResult } = getActionContext(context);
	if (action === undefined) return undefined;
	try {
		// No form of doce posts to a page.
		if (action.calledFrom === 'form') throw new AppError('not_found', 'Call a verb by its own address.');
		const [group, ...name] = action.name.replace(/\/$/, '').split('.');
		checkCaller(findVerb(verbs, group, name.join('.')), context.locals.caller);
		return undefined;
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		const answer = serializeActionResult({ data: undefined, error: toActionError(error) });
		if (answer.type !== 'error') throw error;
		return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.contentType } });
	}
}

/** A page is read, and nothing else is done with it; and no door is open that nobody needs. */
function refuseRoute({ request, url }: APIContext): Response | undefined {
	if (UNUSED.test(url.pathname)) return new Response(null, { status: 404 });
	if (!isPage(url.pathname) || READS.includes(request.method)) return undefined;
	return new Response('Pages are read by GET.', { status: 405, headers: { allow: READS.join(', ') } });
}

function isPage(pathname: string): boolean {
	return !pathname.startsWith('/api/') && !pathname.startsWith('/_');
}

async function redirect(context: APIContext, caller: Caller | undefined): Promise<Response | undefined> {
	const { pathname } = context.url;
	if (!isPage(pathname)) return undefined;
	if (!(await hasUsers(app().db))) return pathname === '/setup' ? undefined : context.redirect('/setup');
	if (pathname === '/setup' && caller === undefined) return context.redirect('/signin');
	if (OPEN_PAGES.includes(pathname)) return caller === undefined ? undefined : context.redirect('/');
	return caller === undefined ? context.redirect('/signin') : undefined;
}
