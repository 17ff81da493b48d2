import type { APIRoute } from 'astro';
import { app } from '#server/app.ts';
import { DEMO_PROVIDER_ID, findConnectionByKey } from '#server/auth/connections.ts';
import { demoResponse } from '#server/demo/demo.ts';
import { Secret } from '#server/secret.ts';
import { bearerToken } from '#server/web/caller.ts';

export const prerender = false;

/** The scripted provider, for projects whose connection holds one of the keys that doce made for it. */
export const ALL: APIRoute = async ({ request }) => {
	const key = bearerToken(request.headers);
	const { db, keyring } = app();
	const caller =
		key === undefined ? undefined : await findConnectionByKey(db, keyring, DEMO_PROVIDER_ID, new Secret(key));
	if (caller !== undefined) return demoResponse(request);
	const error = {
		message: 'This key is not one of the demo’s.',
		type: 'invalid_request_error',
		code: 'invalid_api_key',
	};
	return Response.json({ error }, { status: 401 });
};
