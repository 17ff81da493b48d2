import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { z } from 'zod';
import { Secret } from '#server/secret.ts';
import { openCodeAuthorization } from '../server.ts';
import { type ShortServer, startShortServer } from './shortServer.ts';

/** A start of OpenCode and the provider's first answer, in ms, on a slow machine. */
const START_TIMEOUT = 60_000;

/** How a sign-in goes on: `auto` ends by itself once the person has approved, `code` asks for a code. */
export type Authorization = { url: string; flow: 'auto' | 'code'; instructions: string };

/** Why a sign-in did not begin. `field` is one of the provider's prompts. */
export type AuthorizeRefusal =
	| { why: 'field'; field: string; message: string }
	| { why: 'port'; port: number }
	| { why: 'offline' }
	| { why: 'other' };

/** What OpenCode stored at the end of a sign-in. */
export type SignedIn =
	| {
			type: 'oauth';
			access: Secret;
			refresh: Secret;
			/** Epoch ms; 0 where the provider names none. */
			expires: number;
			accountId: string | undefined;
			enterpriseUrl: string | undefined;
	  }
	| { type: 'api'; key: Secret; metadata: Record<string, string> };

/** A short-lived OpenCode in which one person signs in to one provider. Its memory and its home hold the secrets. */
export type SignInServer = {
	authorize(method: number, inputs: Record<string, string>): Promise<Authorization | AuthorizeRefusal>;
	/** Waits, as long as it takes, until the person has approved. False when the provider, or its plugin, said no. */
	callback(method: number, code: string | undefined, signal: AbortSignal): Promise<boolean>;
	/** What the sign-in brought. Throws when there is nothing. */
	read(): Promise<SignedIn>;
	/** Ends it, and removes its home. */
	wipe(): Promise<void>;
};

type Options = { home: string; providerId: string; plugins?: string[] | undefined };

/** Starts the server in `home`, which must not exist yet. What fails to start leaves nothing behind. */
export async function startSignInServer(options: Options, signal: AbortSignal): Promise<SignInServer> {
	const { home, providerId, plugins } = options;
	await mkdir(dirname(home), { recursive: true, mode: 0o700 });
	await mkdir(home, { mode: 0o700 });
	const deadline = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT)]);
	const server = await startShortServer({ home, plugins }, deadline).catch(async (error: unknown) => {
		await removeHome(home);
		throw error;
	});
	return {
		authorize: (method, inputs) => authorize(server, providerId, { method, inputs }, deadline),
		async callback(method, code, until) {
			const body = code === undefined ? { method } : { method, code };
			const { status, json } = await ask(server, `/provider/${providerId}/oauth/callback`, body, until);
			return status === 200 && json === true;
		},
		read: () => readStored(home, providerId),
		async wipe() {
			await server.stop();
			await removeHome(home);
		},
	};
}

/** Removes the home of one sign-in, or a folder of such homes that an earlier life left behind. */
export async function removeHome(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

const authorization = z.object({ url: z.string(), method: z.enum(['auto', 'code']), instructions: z.string() });
const invalidField = z.object({
	name: z.literal('ProviderAuthValidationFailed'),
	data: z.object({ field: z.string().max(200), message: z.string().max(300) }),
});

async function authorize(
	server: ShortServer,
	providerId: string,
	body: { method: number; inputs: Record<string, string> },
	signal: AbortSignal,
): Promise<Authorization | AuthorizeRefusal> {
	const { status, json } = await ask(server, `/provider/${providerId}/oauth/authorize`, body, signal);
	if (status === 200) {
		const { url, method, instructions } = authorization.parse(json);
		return { url, flow: method, instructions };
	}
	const invalid = invalidField.safeParse(json);
	if (invalid.success) return { why: 'field', ...invalid.data.data };
	return refusalIn(server.printed());
}

/** OpenCode answers a bare 500; the reason stands in its log. */
function refusalIn(printed: string): AuthorizeRefusal {
	const port = /Is port (\d+) in use/.exec(printed)?.[1];
	if (port !== undefined) return { why: 'port', port: Number(port) };
	const isOffline =
		/Unable to connect|ConnectionRefused|ENOTFOUND|EAI_AGAIN|FailedToOpenSocket|ETIMEDOUT|Was there a typo/;
	return { why: isOffline.test(printed) ? 'offline' : 'other' };
}

/** Without any time limit of its own: a callback answers when a person has approved. */
async function ask(
	{ address }: ShortServer,
	path: string,
	body: object,
	signal: AbortSignal,
): Promise<{ status: number; json: unknown }> {
	const url = `http://${address.host}:${address.port}${path}?directory=${encodeURIComponent(address.directory)}`;
	const headers = { ...openCodeAuthorization(address.password), 'content-type': 'application/json' };
	const patience = { headersTimeout: 0, bodyTimeout: 0, signal };
	const { statusCode: status, body: reply } = await request(url, {
		method: 'POST',
		headers,
		body: JSON.stringify(body),
		...patience,
	});
	return { status, json: await reply.json() };
}

const storedAuth = z.discriminatedUnion('type', [
	z.object({
		type: z.literal('oauth'),
		access: z.string().min(1),
		refresh: z.string(),
		expires: z.number(),
		accountId: z.string().optional(),
		enterpriseUrl: z.string().optional(),
	}),
	z.object({ type: z.literal('api'), key: z.string().min(1), metadata: z.record(z.string(), z.string()).default({}) }),
]);

async function readStored(home: string, providerId: string): Promise<SignedIn> {
	const file = join(home, 'data/opencode/auth.json');
	const all = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
	const stored = storedAuth.parse(all[providerId]);
	if (stored.type === 'api') return { ...stored, key: new Secret(stored.key) };
	const { access, refresh, expires, accountId, enterpriseUrl } = stored;
	return { type: 'oauth', access: new Secret(access), refresh: new Secret(refresh), expires, accountId, enterpriseUrl };
}
