import type { APIRoute } from 'astro';
import { z } from 'zod';
import { app } from '#server/app.ts';
import { ERROR_STATUS } from '#server/errors.ts';
import type { AnyVerb } from '../../../actions/define.ts';
import { verbs } from '../../../actions/index.ts';

export const prerender = false;

/** The JSON verbs described from the same schemas that check them. */
export const GET: APIRoute = () => {
	const paths = Object.entries(verbs).flatMap(([group, table]) =>
		Object.entries(table).map(([name, verb]) => [`/api/v1/${group}/${name}`, { post: describe(group, name, verb) }]),
	);
	return Response.json({
		openapi: '3.1.0',
		info: { title: 'doce', version: app().version },
		components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
		security: [{ token: [] }],
		paths: Object.fromEntries(paths),
	});
};

function describe(group: string, name: string, verb: AnyVerb) {
	const errors = [...new Set(Object.values(ERROR_STATUS))].map((status) => [
		status,
		{ description: 'Error', content: json(errorBody) },
	]);
	return {
		operationId: `${group}.${name}`,
		tags: [group],
		...(verb.who === 'public' && { security: [] }),
		requestBody: { content: json(verb.input, 'input') },
		responses: { 200: { description: 'Success', content: json(verb.output) }, ...Object.fromEntries(errors) },
	};
}

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function json(schema: z.ZodType, io: 'input' | 'output' = 'output') {
	return { 'application/json': { schema: z.toJSONSchema(schema, { io, unrepresentable: 'any' }) } };
}
