import {
	type ActionAPIContext,
	type ActionClient,
	ActionError,
	type ActionErrorCode,
	defineAction,
} from 'astro:actions';
import { z } from 'zod';
import { type App, app } from '#server/app.ts';
import { AppError, type ErrorCode } from '#server/errors.ts';
import type { User } from '#server/users/users.ts';
import type { Caller } from '#server/web/caller.ts';

/** What a verb is told beside its input. */
export type VerbContext<Who> = {
	app: App;
	user: Who;
	caller: Caller | undefined;
	request: { headers: Headers; address: string };
	setCookies(cookies: string[]): void;
};

type Who = 'public' | 'user' | 'admin';

/** One verb: who may, what shape goes in, what comes out, what it does. Both transports come from this. */
export type Verb<In extends z.ZodType, Out extends z.ZodType> = {
	who: Who;
	input: In;
	output: Out;
	/** `user` is there whenever `who` demands one. */
	run(input: z.output<In>, context: VerbContext<User>): Promise<z.input<Out>>;
};

type Definition<In extends z.ZodType, Out extends z.ZodType, Allowed> = {
	input: In;
	output: Out;
	run(input: z.output<In>, context: VerbContext<Allowed>): Promise<z.input<Out>>;
};

/** A verb for anybody who is signed in. */
export function userAction<In extends z.ZodType, Out extends z.ZodType>(
	definition: Definition<In, Out, User>,
): Verb<In, Out> {
	return { who: 'user', ...definition } as Verb<In, Out>;
}

/** A verb for admins. */
export function adminAction<In extends z.ZodType, Out extends z.ZodType>(
	definition: Definition<In, Out, User>,
): Verb<In, Out> {
	return { who: 'admin', ...definition } as Verb<In, Out>;
}

/** A verb for everybody, signed in or not. */
export function publicAction<In extends z.ZodType, Out extends z.ZodType>(
	definition: Definition<In, Out, User | undefined>,
): Verb<In, Out> {
	return { who: 'public', ...definition } as Verb<In, Out>;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of verbs holds verbs of any shape.
export type AnyVerb = Verb<any, any>;

type Group = Record<string, AnyVerb>;

/** The verb `group/name` of all. Throws `not_found`. */
export function findVerb(verbs: Record<string, Group>, group = '', name = ''): AnyVerb {
	const found = new Map(Object.entries(verbs)).get(group);
	const verb = found === undefined ? undefined : new Map(Object.entries(found)).get(name);
	if (verb === undefined)
		throw new AppError('not_found', `There is no verb ${group}/${name}. GET /api/v1/openapi.json lists them.`);
	return verb;
}

/**
 * Checks the caller, reads and parses the input, runs the verb, parses the output: nobody makes doce read what they may
 * not ask. Throws `AppError` for what a person can mend.
 */
export async function runVerb(
	verb: AnyVerb,
	readInput: () => Promise<unknown>,
	request: Omit<VerbContext<undefined>, 'app' | 'user'>,
): Promise<unknown> {
	const user = checkCaller(verb, request.caller);
	const parsed = verb.input.safeParse(await readInput());
	if (!parsed.success) throw new AppError('invalid', describeInput(parsed.error));
	try {
		return verb.output.parse(await verb.run(parsed.data, { ...request, app: app(), user: user as User }));
	} catch (error) {
		if (!(error instanceof AppError)) app().logger.error({ err: error }, 'A verb failed.');
		throw error;
	}
}

/** The person a verb acts for. Throws `unauthenticated` or `forbidden`. */
export function checkCaller({ who }: AnyVerb, caller: Caller | undefined): User | undefined {
	if (who === 'public') return caller?.user;
	if (caller === undefined) throw new AppError('unauthenticated', 'Sign in first, or send an API token.');
	if (who === 'admin' && caller.user.role !== 'admin') throw new AppError('forbidden', 'Only an admin can do that.');
	return caller.user;
}

function describeInput(error: z.ZodError): string {
	return error.issues
		.slice(0, 5)
		.map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
		.join('\n');
}

type TakesNothing<In extends z.ZodType> = z.input<In> extends Record<string, never> ? undefined : In;
type ActionOf<V> =
	V extends Verb<infer In, infer Out> ? ActionClient<z.output<Out>, undefined, TakesNothing<In>> : never;

/** The Astro Actions of a group of verbs, for the screens. */
export function toActions<G extends Group>(group: G): { [K in keyof G]: ActionOf<G[K]> } {
	const actions = Object.entries(group).map(([name, verb]) => [name, toAction(verb)]);
	return Object.fromEntries(actions) as { [K in keyof G]: ActionOf<G[K]> };
}

function toAction(verb: AnyVerb) {
	return defineAction({
		handler: async (input: unknown, context: ActionAPIContext) => {
			const { caller, address, outgoingCookies } = context.locals;
			try {
				return await runVerb(verb, async () => input ?? {}, {
					caller,
					request: { headers: context.request.headers, address },
					setCookies: (cookies) => void outgoingCookies.push(...cookies),
				});
			} catch (error) {
				throw toActionError(error);
			}
		},
	});
}

const ACTION_CODES: Record<ErrorCode, ActionErrorCode> = {
	invalid: 'BAD_REQUEST',
	unauthenticated: 'UNAUTHORIZED',
	forbidden: 'FORBIDDEN',
	not_found: 'NOT_FOUND',
	conflict: 'CONFLICT',
	unavailable: 'SERVICE_UNAVAILABLE',
};

/** The same failure in the words of Astro's Actions. */
export function toActionError(error: unknown): ActionError {
	if (error instanceof AppError) return new ActionError({ code: ACTION_CODES[error.code], message: error.message });
	return new ActionError({
		code: 'INTERNAL_SERVER_ERROR',
		message: 'Something went wrong. The server log has the details.',
	});
}

/** The shape of a verb that takes or gives nothing. */
export const nothing = z.object({});
