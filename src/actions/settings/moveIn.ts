import { z } from 'zod';
import type { App } from '#server/app.ts';
import { copyEnvironmentKey, listEnvironmentKeys } from '#server/auth/movein/environment.ts';
import { moveIn, type Outcome, previewMoveIn } from '#server/auth/movein/moveIn.ts';
import { listPlainKeyFiles } from '#server/auth/movein/plainFiles.ts';
import {
	copyEnvironmentKeyInput,
	environmentKey,
	type MoveInResult,
	moveInInput,
	moveInPreview,
	moveInResult,
	moveInText,
	plainKeyFile,
} from '#shared/moveIn.ts';
import { connectionView } from '#shared/providers.ts';
import { adminAction, nothing, userAction } from '../define.ts';
import { personOf, requireFresh } from '../person.ts';
import { publishConnection } from './views.ts';

/** Bringing keys in from where they lie in plain text. */
export const moveInVerbs = {
	previewMoveIn: userAction({
		input: moveInText,
		output: moveInPreview,
		run: async (input, context) =>
			previewMoveIn(context.app.connections, personOf(context), await context.app.catalog.get(), input),
	}),

	moveIn: userAction({
		input: moveInInput,
		output: z.object({ results: z.array(moveInResult), files: z.array(plainKeyFile) }),
		async run(input, context) {
			requireFresh(context);
			const { app, user } = context;
			const outcomes = await moveIn(app.connections, personOf(context), await app.catalog.get(), input);
			const results: MoveInResult[] = [];
			for (const outcome of outcomes) results.push(await toResult(app, outcome));
			// Which files lie on the server is for those who run it.
			const known = user.role === 'admin' ? app.config.plainKeyFiles : [];
			return { results, files: await listPlainKeyFiles(known, input.fileName) };
		},
	}),

	listEnvironmentKeys: adminAction({
		input: nothing,
		output: z.object({ keys: z.array(environmentKey) }),
		async run(_, context) {
			const { app } = context;
			const catalog = await app.catalog.get();
			return { keys: await listEnvironmentKeys(app.connections, personOf(context), catalog, app.config.environment) };
		},
	}),

	copyEnvironmentKey: adminAction({
		input: copyEnvironmentKeyInput,
		output: z.object({ connection: connectionView }),
		async run(input, context) {
			requireFresh(context);
			const { app } = context;
			const source = { catalog: await app.catalog.get(), environment: app.config.environment };
			const row = await copyEnvironmentKey(app.connections, personOf(context), source, input);
			return { connection: await publishConnection(app, row) };
		},
	}),
};

async function toResult(app: App, outcome: Outcome): Promise<MoveInResult> {
	const { entryId } = outcome;
	if (outcome.connection === null) {
		const { reason, skippable } = outcome;
		return { entryId, state: 'failed', reason, skippable, connection: null };
	}
	const connection = await publishConnection(app, outcome.connection);
	return { entryId, state: 'connected', reason: null, skippable: false, connection };
}
