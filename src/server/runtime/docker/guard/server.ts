import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import { INSTANCE_LABEL } from '../order/names.ts';
import { describeItself, findContainer, isOurs, requirePlainMounts } from './containers.ts';
import { type Rules, readLimits, readOrder } from './order.ts';
import { type Folder, requirePlainPath } from './places.ts';
import { addressOf, type Request, readRequest } from './requests.ts';
import type { Call, Upstream } from './upstream.ts';

/** An order with all its variables has some 20 kB. */
const MOST_BODY_BYTES = 1024 * 1024;
/** How long a request may take to come, in ms. */
const REQUEST_MS = 30_000;

export type GuardOptions = { upstream: Upstream; rules: Omit<Rules, 'source'>; folder: Folder; logger: Logger };

/** What came in, and the way back. */
type Exchange = { request: IncomingMessage; response: ServerResponse; aborted: AbortSignal };

/**
 * Stands between doce and Docker: passes on what doce asks of containers of its own, and makes those only as doce makes
 * them. Every request to Docker is written here anew; the one that came in is only understood, or refused with 403.
 */
export function createGuard(options: GuardOptions): Server {
	return createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
		const gone = new AbortController();
		response.once('close', () => gone.abort());
		request.on('error', () => undefined);
		answer(options, { request, response, aborted: gone.signal }).catch((error: unknown) => {
			if (gone.signal.aborted) return;
			refuse(options.logger, { request, response }, error);
		});
	});
}

function refuse(logger: Logger, { request, response }: Omit<Exchange, 'aborted'>, error: unknown): void {
	if (error instanceof AppError) logger.warn(`Refused: ${error.message}`);
	else logger.error({ err: error }, 'A request to Docker failed.');
	if (response.headersSent) return void response.destroy();
	const { status, message } =
		error instanceof AppError ? error : { status: 500, message: 'The guard of Docker’s socket failed.' };
	// What is still to come of it is not waited for.
	request.resume();
	response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
	response.end(JSON.stringify({ message }));
}

async function answer(options: GuardOptions, exchange: Exchange): Promise<void> {
	const { upstream, rules, folder } = options;
	const asked = readRequest(exchange.request.method ?? '', exchange.request.url ?? '');
	const only = { label: [`${INSTANCE_LABEL}=${rules.instance}`] };
	if (asked.kind === 'container') return aboutContainer(options, exchange, asked);
	if (asked.kind === 'create') {
		const order = readOrder({ ...rules, source: folder.source }, asked.name, await readBody(exchange.request));
		for (const { Source } of order.HostConfig.Mounts) await requirePlainPath(folder, Source);
		const path = `/containers/create?${new URLSearchParams({ name: asked.name })}`;
		return pass(upstream, exchange, { method: 'POST', path, body: order });
	}
	if (asked.kind === 'version') return reply(exchange, await upstream.read('/version', version));
	if (asked.kind === 'info') return reply(exchange, await upstream.read('/info', info));
	if (asked.kind === 'image' && asked.name !== rules.image) {
		throw new AppError('forbidden', `Projects run from the image ${rules.image} alone.`);
	}
	const filters = (more: object) => new URLSearchParams({ filters: JSON.stringify({ ...only, ...more }) });
	const paths: Record<typeof asked.kind, string> = {
		ping: '/_ping',
		image: `/images/${rules.image}/json`,
		events: `/events?${filters({ type: ['container'] })}`,
		list: `/containers/json?all=1&${filters({})}`,
	};
	return pass(upstream, exchange, { method: 'GET', path: paths[asked.kind] });
}

/** Of what Docker tells about this machine, that which doce goes by. */
const version = z.object({ Version: z.string(), ApiVersion: z.string(), MinAPIVersion: z.string().optional() });
const info = z.object({ OSType: z.string(), SecurityOptions: z.array(z.string()).nullish() });

async function aboutContainer(
	{ upstream, rules, folder }: GuardOptions,
	exchange: Exchange,
	{ verb, id, query }: Extract<Request, { kind: 'container' }>,
): Promise<void> {
	const found = await findContainer(upstream, id);
	if (found === undefined) return reply(exchange, undefined);
	if (!isOurs(found, rules.instance)) {
		const itself = verb === 'inspect' ? describeItself(found, folder) : undefined;
		if (itself !== undefined) return reply(exchange, itself);
		throw new AppError('forbidden', 'That container is none of this doce’s projects.');
	}
	// By its id: of a name somebody else may be the owner by now.
	const call: Call = addressOf(verb, found.Id, query);
	if (verb === 'update') call.body = readLimits(await readBody(exchange.request));
	if (verb !== 'start') return pass(upstream, exchange, call);
	await requirePlainMounts(folder, found);
	// To its end, whether the caller waits for it or not: what follows must not be left out.
	const [started] = await Promise.allSettled([upstream.send(call)]);
	try {
		await requirePlainMounts(folder, found);
	} catch (error) {
		await upstream.send({ method: 'DELETE', path: `/containers/${found.Id}?force=1&v=1` });
		throw error;
	}
	if (started.status === 'rejected') throw started.reason;
	return back(exchange, started.value);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	let length = 0;
	// Read to its end even then: to leave it would end the connection, before the refusal is said.
	for await (const chunk of request as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length <= MOST_BODY_BYTES) chunks.push(chunk);
	}
	if (length > MOST_BODY_BYTES) throw new AppError('forbidden', 'The request is too long.');
	try {
		return JSON.parse(Buffer.concat(chunks).toString('utf8'));
	} catch (cause) {
		throw new AppError('forbidden', 'The request is not JSON.', { cause });
	}
}

async function pass(upstream: Upstream, exchange: Exchange, call: Call): Promise<void> {
	return back(exchange, await upstream.send(call, exchange.aborted));
}

/** As it comes, for as long as it comes: events and what a command writes are streams. */
async function back({ request, response }: Exchange, answered: IncomingMessage): Promise<void> {
	request.resume();
	const type = answered.headers['content-type'];
	response.writeHead(answered.statusCode ?? 502, type === undefined ? {} : { 'Content-Type': type });
	response.flushHeaders();
	await pipeline(answered, response);
}

function reply({ request, response }: Exchange, value: object | undefined): void {
	request.resume();
	response.writeHead(value === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
	response.end(JSON.stringify(value ?? { message: 'Docker has no such thing.' }));
}
