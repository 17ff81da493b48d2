import { loadConfig } from '#server/config.ts';
import { start } from '#server/start.ts';
import { fakeRecipe } from '../fakes/oauth/fakeOAuth.ts';

/** What a test's own provider needs in the server. */
export type SignInExtra = { providerId: string; url: string; plugin: string };

/** The real server with one provider more, which no setting of the real server could bring in. */
async function run(extra: SignInExtra): Promise<void> {
	const signIns = { [extra.providerId]: fakeRecipe(extra) };
	await start(loadConfig(), false, { plugins: [extra.plugin], signIns });
}

if (process.argv[2] !== undefined) await run(JSON.parse(process.argv[2]) as SignInExtra);
