import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../logger.ts';
import { tokenOf } from '../wire/headers.ts';
import { Refused, refusalBody, STATUS_OF } from '../wire/refusals.ts';
import { findRoute, guessFormat, type Route, readTarget } from '../wire/routes.ts';
import { admit, type Door, type GatewayGround } from './admit.ts';
import { passOn } from './passOn.ts';

/** Answers one call: who, where, with what, and on it goes. Whoever is refused learns it at the first of them. */
export async function serve(
	ground: GatewayGround,
	door: Door,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	let route: Route | undefined;
	try {
		const target = readTarget(request.url ?? '');
		if (target === undefined) throw new Refused('route', 'There is no such address here.');
		const admitted = await admit(ground, door, target, tokenOf(request.headers, target.query));
		route = findRoute(request.method ?? '', target, admitted.way.upstream);
		if (route === undefined) throw new Refused('route', `${admitted.name} is not asked for that from a project.`);
		await passOn(ground, admitted, route, { request, response });
	} catch (error) {
		refuse(ground.logger, { request, response, route }, error);
	}
}

type Exchange = { request: IncomingMessage; response: ServerResponse; route: Route | undefined };

/** Errors of the network say where and how, and never what was sent. */
function refuse(logger: Logger, { request, response, route }: Exchange, error: unknown): void {
	if (response.destroyed) return;
	if (response.headersSent) return void response.destroy();
	const refused = error instanceof Refused ? error : (networkFault(error) ?? unexpected(logger, error));
	const body = refusalBody(route?.format ?? guessFormat(request.url ?? ''), refused);
	const again = refused.kind === 'limit' ? { 'retry-after': '1' } : {};
	// What is left of the body is not waited for.
	const end = request.complete ? {} : { connection: 'close' };
	response.writeHead(STATUS_OF[refused.kind], { 'content-type': 'application/json', ...again, ...end }).end(body);
}

const TIMEOUTS = /TIMEOUT|ETIMEDOUT/;
/** How undici puts it. */
const BY_PROXY = /^Proxy response \((\d+)\)/;

function networkFault(error: unknown): Refused | undefined {
	if (!(error instanceof Error)) return undefined;
	if (error.name === 'RefusedDestination') return new Refused('unreachable', `Cannot connect to API: ${error.message}`);
	const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
	if (code === undefined) return undefined;
	const byProxy = BY_PROXY.exec(error.message)?.[1];
	if (byProxy !== undefined)
		return new Refused('unreachable', `Cannot connect to API: the proxy of this server answered with ${byProxy}.`);
	if (TIMEOUTS.test(code)) return new Refused('timeout', 'Cannot connect to API: the provider did not answer in time.');
	if (/^ERR_INVALID|^UND_ERR_INVALID|^UND_ERR_REQ/.test(code)) return undefined;
	return new Refused('unreachable', `Cannot connect to API: the provider cannot be reached (${code}).`);
}

function unexpected(logger: Logger, error: unknown): Refused {
	// Its message may hold what was sent; its kind and place do not.
	const { name, stack } = error instanceof Error ? error : new Error('unknown');
	logger.error({ kind: name, at: stack?.split('\n').slice(1, 4) }, 'A call failed in the gateway.');
	return new Refused('unreachable', 'The gateway could not make this call.');
}
