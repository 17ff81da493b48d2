import { z } from 'zod';
import { AppError } from '#server/errors.ts';

/** What may be asked of one container of ours. */
export type Verb =
	| 'inspect'
	| 'logs'
	| 'stats'
	| 'start'
	| 'stop'
	| 'kill'
	| 'pause'
	| 'unpause'
	| 'wait'
	| 'attach'
	| 'update'
	| 'remove';

/** What doce may ask of Docker; nothing of a request is left in it but what was understood. */
export type Request =
	| { kind: 'ping' | 'version' | 'info' | 'events' | 'list' }
	| { kind: 'image'; name: string }
	| { kind: 'create'; name: string }
	| { kind: 'container'; verb: Verb; id: string; query: Record<string, string> };

const on = z.enum(['1', 'true']).transform(() => '1');
const off = z.enum(['0', 'false']).transform(() => '0');
const count = z.string().regex(/^\d{1,5}$/);
const nothing = z.strictObject({});
const filters = z.strictObject({ filters: z.string().optional() });

type Rule = { method: string; path: string; query: z.ZodType<Record<string, string | undefined>> };

const VERBS: Record<Verb, Rule> = {
	inspect: { method: 'GET', path: '/json', query: nothing },
	logs: {
		method: 'GET',
		path: '/logs',
		query: z.strictObject({ stdout: on.optional(), stderr: on.optional(), tail: count, follow: off.optional() }),
	},
	stats: { method: 'GET', path: '/stats', query: z.strictObject({ stream: off, 'one-shot': on.optional() }) },
	start: { method: 'POST', path: '/start', query: nothing },
	stop: { method: 'POST', path: '/stop', query: z.strictObject({ t: count.optional() }) },
	kill: { method: 'POST', path: '/kill', query: z.strictObject({ signal: z.enum(['SIGKILL', 'SIGTERM']).optional() }) },
	pause: { method: 'POST', path: '/pause', query: nothing },
	unpause: { method: 'POST', path: '/unpause', query: nothing },
	wait: { method: 'POST', path: '/wait', query: nothing },
	attach: {
		method: 'POST',
		path: '/attach',
		query: z.strictObject({ stream: on, stdout: on.optional(), stderr: on.optional() }),
	},
	update: { method: 'POST', path: '/update', query: z.record(z.string(), z.string()).transform(() => ({})) },
	remove: { method: 'DELETE', path: '', query: z.strictObject({ force: on.optional(), v: on.optional() }) },
};

/** One container: by its id, or by a name such as we give. Of a name that is not ours the labels decide, later. */
const CONTAINER = /^\/containers\/([0-9a-f]{64}|doce-[A-Za-z0-9_.-]{1,200})(\/[a-z]+)?$/;
const IMAGE = /^\/images\/([A-Za-z0-9_.:/@-]{1,200})\/json$/;
const VERSION = /^\/v1\.\d{1,3}(?=\/)/;

/**
 * Understands a request, or refuses it with `AppError('forbidden')`. Paths are compared as they come, without being
 * decoded or resolved: whatever is written in another way is not on the list.
 */
export function readRequest(method: string, url: string): Request {
	const at = url.indexOf('?');
	const path = (at < 0 ? url : url.slice(0, at)).replace(VERSION, '');
	const query = readQuery(at < 0 ? '' : url.slice(at + 1));
	const known = simple(method, path, query) ?? ofContainer(method, path, query);
	if (known === undefined) throw new AppError('forbidden', `doce may not ask Docker for ${method} ${shown(path)}.`);
	return known;
}

/** Whose a message speaks of what was asked for: no more of it than a person wants to read. */
function shown(path: string): string {
	return JSON.stringify(path.slice(0, 100));
}

function readQuery(text: string): Record<string, string> {
	const entries = [...new URLSearchParams(text)];
	const query = Object.fromEntries(entries);
	if (Object.keys(query).length !== entries.length) {
		throw new AppError('forbidden', 'A part of the request is there twice.');
	}
	return query;
}

function simple(method: string, path: string, query: Record<string, string>): Request | undefined {
	const image = IMAGE.exec(path)?.[1];
	if (method === 'POST' && path === '/containers/create') {
		const { name } = parsed(z.strictObject({ name: z.string().min(1).max(200) }), query);
		return { kind: 'create', name };
	}
	if (method === 'HEAD' && path === '/_ping') return { kind: 'ping' };
	if (method !== 'GET') return undefined;
	if (path === '/_ping' || path === '/version' || path === '/info') {
		parsed(nothing, query);
		return { kind: path === '/_ping' ? 'ping' : path === '/version' ? 'version' : 'info' };
	}
	// Which ones are told of is not for the asking: the guard has filters of its own.
	if (path === '/events') return parsed(filters, query) && { kind: 'events' };
	if (path === '/containers/json') return parsed(filters.extend({ all: on }), query) && { kind: 'list' };
	return image === undefined ? undefined : parsed(nothing, query) && { kind: 'image', name: image };
}

function ofContainer(method: string, path: string, query: Record<string, string>): Request | undefined {
	const [, id, rest = ''] = CONTAINER.exec(path) ?? [];
	const found = (Object.entries(VERBS) as [Verb, Rule][]).find(
		([, rule]) => rule.method === method && rule.path === rest,
	);
	if (id === undefined || found === undefined) return undefined;
	const [verb, rule] = found;
	const kept = Object.entries(parsed(rule.query, query)).filter(([, value]) => value !== undefined);
	return { kind: 'container', verb, id, query: Object.fromEntries(kept) as Record<string, string> };
}

function parsed<T>(shape: z.ZodType<T>, query: Record<string, string>): T {
	const result = shape.safeParse(query);
	if (result.success) return result.data;
	throw new AppError('forbidden', `doce may not ask Docker so: ${z.prettifyError(result.error)}`);
}

/** The address of a request about one container, for Docker. */
export function addressOf(verb: Verb, id: string, query: Record<string, string>): { method: string; path: string } {
	const { method, path } = VERBS[verb];
	const asked = new URLSearchParams(query).toString();
	return { method, path: `/containers/${id}${path}${asked === '' ? '' : `?${asked}`}` };
}
