import { z } from 'zod';
import { previewOrganisation } from '#server/auth/wellknown/organisation.ts';
import { refreshWellKnown } from '#server/auth/wellknown/refresh.ts';
import { connectionView } from '#shared/providers.ts';
import { readWellKnownInput, wellKnownPreview } from '#shared/wellKnown.ts';
import { userAction } from '../define.ts';
import { personOf, requireFresh } from '../person.ts';
import { publishConnection } from './views.ts';

/** Verbs for organisations that configure providers by a document of their own. */
export const wellKnownVerbs = {
	readWellKnown: userAction({
		input: readWellKnownInput,
		output: wellKnownPreview,
		run: (input, context) => previewOrganisation(context.app.connections, personOf(context), input),
	}),

	refreshWellKnown: userAction({
		input: z.object({
			connectionId: z.string().min(1).max(64),
			/** Needed when the document now sends it elsewhere. */
			token: z.string().max(20_000).optional(),
			skipTest: z.boolean().optional(),
		}),
		output: z.object({
			connection: connectionView,
			/** Whether projects have something new to learn. */
			changed: z.boolean(),
			/** Where the token would go that it never went before: nothing was stored; give the token again. */
			tokenNeededFor: z.array(z.string()),
		}),
		async run(input, context) {
			if (input.token !== undefined) requireFresh(context);
			const { connection: row, ...rest } = await refreshWellKnown(context.app.connections, personOf(context), input);
			return { connection: await publishConnection(context.app, row), ...rest };
		},
	}),
};
