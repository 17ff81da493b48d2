import { z } from 'zod';
import { defineHandler, type JobHandler } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** Waits for a person to approve at a provider, then keeps what that brought. */
export function oauthCallback({ oauth }: HandlerServices): JobHandler {
	return defineHandler({
		type: 'oauth.callback',
		payload: z.object({ attemptId: z.string() }),
		async run({ attemptId }, { signal, log, withoutSlot }) {
			const attempt = await withoutSlot(() => oauth.follow(attemptId, signal));
			await log(`The sign-in is ${attempt?.state ?? 'gone'}${attempt?.message ? `: ${attempt.message}` : ''}`);
		},
	});
}
