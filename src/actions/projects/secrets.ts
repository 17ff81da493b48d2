import type { App } from '#server/app.ts';
import type { User } from '#server/users/users.ts';

const TAKEN_OUT =
	'A key of yours was taken out of this message: it would have gone to the provider and into the project.';

/** What a person wrote without their own secrets, which they may have pasted; and what to say about that. */
export async function withoutSecrets(
	app: Pick<App, 'guard'>,
	user: User,
	written: string,
): Promise<{ text: string; note: string | undefined }> {
	const text = (await app.guard.scrubberFor(user.id)).scrub(written);
	return { text, note: text === written ? undefined : TAKEN_OUT };
}
