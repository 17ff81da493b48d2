import type { APIRoute } from 'astro';
import { AppError, messageForPerson } from '#server/errors.ts';
import { readJson } from '#server/web/request/body.ts';
import { findVerb, runVerb } from '../../../../actions/define.ts';
import { verbs } from '../../../../actions/index.ts';

export const prerender = false;

/** Every verb as plain JSON, for scripts: `POST /api/v1/<group>/<verb>`. */
export const POST: APIRoute = async ({ params, request, locals }) => {
	try {
		const verb = findVerb(verbs, params['group'], params['verb']);
		const output = await runVerb(verb, () => readJson(request), {
			caller: locals.caller,
			request: { headers: request.headers, address: locals.address },
			setCookies: (cookies) => void locals.outgoingCookies.push(...cookies),
		});
		return Response.json(output);
	} catch (error) {
		const code = error instanceof AppError ? error.code : 'internal';
		const status = error instanceof AppError ? error.status : 500;
		return Response.json({ error: { code, message: messageForPerson(error) } }, { status });
	}
};
