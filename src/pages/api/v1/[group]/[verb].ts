import type { APIRoute } from 'astro';
import { AppError, messageForPerson } from '#server/errors.ts';
import { type AnyVerb, runVerb } from '../../../../actions/define.ts';
import { verbs } from '../../../../actions/index.ts';

export const prerender = false;

/** Every verb as plain JSON, for scripts: `POST /api/v1/<group>/<verb>`. */
export const POST: APIRoute = async ({ params, request, locals }) => {
	try {
		const input = await readJson(request);
		const output = await runVerb(findVerb(params['group'], params['verb']), input, {
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

function findVerb(group = '', name = ''): AnyVerb {
	const found = new Map(Object.entries(verbs)).get(group);
	const verb = found === undefined ? undefined : new Map<string, AnyVerb>(Object.entries(found)).get(name);
	if (verb === undefined)
		throw new AppError('not_found', `There is no verb ${group}/${name}. GET /api/v1/openapi.json lists them.`);
	return verb;
}

async function readJson(request: Request): Promise<unknown> {
	const text = await request.text();
	if (text.trim() === '') return {};
	try {
		return JSON.parse(text) as unknown;
	} catch (cause) {
		throw new AppError('invalid', 'The body is not valid JSON.', { cause });
	}
}
