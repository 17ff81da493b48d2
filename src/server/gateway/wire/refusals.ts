import type { WireFormat } from '#shared/providers.ts';

/** Why the gateway itself did not serve a call. */
export type RefusalKind =
	/** No token, or none that is good here. */
	| 'token'
	/** The connection is gone. */
	| 'gone'
	/** The stored credential cannot be used: locked, or given up. */
	| 'locked'
	| 'budget'
	/** Too many streams at once. */
	| 'limit'
	| 'route'
	| 'tooLarge'
	| 'unreachable'
	| 'timeout'
	/** The provider wants the caller to go elsewhere. */
	| 'redirect';

export class Refused extends Error {
	override readonly name = 'Refused';
	readonly kind: RefusalKind;

	/** `message` is a sentence for the person whose project it is. */
	constructor(kind: RefusalKind, message: string) {
		super(message);
		this.kind = kind;
	}
}

/** The statuses make OpenCode try again where that can help, and nowhere else. */
export const STATUS_OF: Record<RefusalKind, number> = {
	token: 401,
	gone: 401,
	locked: 403,
	budget: 402,
	limit: 429,
	route: 404,
	tooLarge: 413,
	unreachable: 502,
	timeout: 504,
	redirect: 400,
};

const MARK = /\(doce: (\w+)\)$/;

/** Why the gateway did not serve, with its sentence for the person. */
export type GatewayRefusal = { kind: RefusalKind; message: string };

/** Reads from an error that OpenCode tells whether, and why, it was the gateway that refused. */
export function readRefusal(message: string): GatewayRefusal | undefined {
	const kind = MARK.exec(message)?.[1];
	if (kind === undefined || !Object.hasOwn(STATUS_OF, kind)) return undefined;
	return { kind: kind as RefusalKind, message: message.replace(MARK, '').trim() };
}

/** A refusal as the provider would have put it, so that OpenCode shows it well. */
export function refusalBody(format: WireFormat, { kind, message }: Refused): string {
	return errorBody(format, STATUS_OF[kind], `${message} (doce: ${kind})`);
}

/** An error in the shape of a wire format. */
export function errorBody(format: WireFormat, status: number, message: string): string {
	const name = NAMES[status] ?? (status < 500 ? NAMES[400] : NAMES[500]);
	if (format === 'messages') return JSON.stringify({ type: 'error', error: { type: name?.anthropic, message } });
	if (format === 'generate-content') return JSON.stringify({ error: { code: status, message, status: name?.google } });
	return JSON.stringify({ error: { message, type: name?.openAi, param: null, code: name?.code ?? null } });
}

type Name = { openAi: string; code?: string; anthropic: string; google: string };

const NAMES: Record<number, Name> = {
	400: { openAi: 'invalid_request_error', anthropic: 'invalid_request_error', google: 'INVALID_ARGUMENT' },
	401: {
		openAi: 'invalid_request_error',
		code: 'invalid_api_key',
		anthropic: 'authentication_error',
		google: 'UNAUTHENTICATED',
	},
	402: { openAi: 'insufficient_quota', code: 'budget', anthropic: 'billing_error', google: 'FAILED_PRECONDITION' },
	403: { openAi: 'invalid_request_error', anthropic: 'permission_error', google: 'PERMISSION_DENIED' },
	404: { openAi: 'invalid_request_error', anthropic: 'not_found_error', google: 'NOT_FOUND' },
	413: { openAi: 'invalid_request_error', anthropic: 'request_too_large', google: 'INVALID_ARGUMENT' },
	429: {
		openAi: 'rate_limit_exceeded',
		code: 'rate_limit_exceeded',
		anthropic: 'rate_limit_error',
		google: 'RESOURCE_EXHAUSTED',
	},
	500: { openAi: 'server_error', anthropic: 'api_error', google: 'INTERNAL' },
};
