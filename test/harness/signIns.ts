import type { Person } from '#server/auth/connectionChanges.ts';
import type { ConnectionRow } from '#server/auth/connections.ts';
import type { Keyring } from '#server/auth/keys/keyring.ts';
import { getAttempt, insertAttempt, newAttemptId } from '#server/auth/oauth/attempts.ts';
import { createOAuthBroker, type OAuthBroker } from '#server/auth/oauth/broker.ts';
import { finishSignIn } from '#server/auth/oauth/finish.ts';
import { SIGN_INS } from '#server/auth/oauth/recipes.ts';
import { createRefresher, type Refresher } from '#server/auth/refresh/refresher.ts';
import { type Fixture, openFixture } from '#server/auth/testing/fixture.ts';
import { createLive, type Live } from '#server/live/live.ts';
import { createLogger } from '#server/logger.ts';
import type { CatalogProvider } from '#server/opencode/catalog.ts';
import { plainModel } from '#server/opencode/catalogModels.ts';
import { oauthCallback } from '#server/queue/handlers/oauthCallback.ts';
import type { HandlerServices } from '#server/queue/handlers/services.ts';
import { createWorker, type Worker } from '#server/queue/queue.worker.ts';
import { Secret } from '#server/secret.ts';
import { type FakeOAuth, fakeRecipe, startFakeOAuth, writePlugin } from '../fakes/oauth/fakeOAuth.ts';

export const FAKE_ID = 'fakeoauth';
export const FAKE_NAME = 'Loopback Cloud';
export const DEVICE = 0;
export const CODE = 1;
export const BROWSER = 2;

export type SignInsUnderTest = {
	fixture: Fixture;
	oauth: FakeOAuth;
	/** The path of the plugin that knows this provider. */
	plugin: string;
	keyring: Keyring;
	live: Live;
	broker: OAuthBroker;
	refresher: Refresher;
	worker: Worker;
	/** A broker as after a restart: it knows of nothing that the first one started. */
	another(): OAuthBroker;
	close(): Promise<void>;
};

type Options = { life?: number; api?: string; onKeys?: (keys: string[]) => void };

/** A data folder, a provider to sign in to, and what signs people in to it, with the worker running. */
export async function openSignIns(options: Options = {}): Promise<SignInsUnderTest> {
	const { api = 'http://127.0.0.1:9/v1', ...rest } = options;
	const fixture = await openFixture();
	const oauth = await startFakeOAuth(rest);
	const described = { providerId: FAKE_ID, name: FAKE_NAME, issuer: oauth.url, api, models: ['fake-1'] };
	const plugin = writePlugin(fixture.dir, described);
	const plugins = [plugin];
	const { db, dir: dataDir } = fixture;
	const keyring = await fixture.openKeys();
	const logger = createLogger('silent');
	const live = createLive();
	const recipes = { ...SIGN_INS, [FAKE_ID]: fakeRecipe(oauth) };
	const catalog = { find: async (id: string) => (id === FAKE_ID ? listed(api) : undefined) };
	const another = () =>
		createOAuthBroker({
			db,
			keyring,
			live,
			logger,
			catalog,
			dataDir,
			recipes,
			plugins,
			announce: async () => undefined,
		});
	const broker = another();
	const refresher = createRefresher({ db, logger, dataDir, keys: { masterKeyFile: fixture.keyFile }, recipes });
	const worker = createWorker({ db, logger, handlers: [oauthCallback({ oauth: broker } as HandlerServices)] });
	await worker.start();
	return {
		fixture,
		oauth,
		plugin,
		keyring,
		live,
		broker,
		refresher,
		worker,
		another,
		close: async () => {
			await worker.stop();
			await broker.stop();
			await oauth.close();
			await fixture.close();
		},
	};
}

/** A connection as a sign-in leaves it, without the sign-in. */
export async function connectSignIn(
	signIns: SignInsUnderTest,
	person: Person,
	account?: string,
): Promise<ConnectionRow> {
	const { fixture, keyring, oauth } = signIns;
	const { db } = fixture;
	const id = newAttemptId();
	const detail = { method: DEVICE, title: 'Device', inputs: {}, actor: person.actor };
	await insertAttempt(db, { id, userId: person.id, providerId: FAKE_ID, detail, expiresAt: Date.now() + 60_000 });
	const { access, refresh, expires } = oauth.grant(account);
	const recipes = { [FAKE_ID]: fakeRecipe(oauth) };
	const row = await finishSignIn({ db, keyring, recipes }, await getAttempt(db, person.id, id), {
		type: 'oauth',
		access: new Secret(access),
		refresh: new Secret(refresh),
		expires,
		accountId: undefined,
		enterpriseUrl: undefined,
	});
	if (row === undefined) throw new Error('The attempt had ended.');
	return row;
}

/** As OpenCode lists it once it has the plugin. */
function listed(api: string): CatalogProvider {
	return {
		id: FAKE_ID,
		name: FAKE_NAME,
		npm: '@ai-sdk/openai-compatible',
		api,
		env: [],
		authMethods: [
			{ type: 'oauth', label: `${FAKE_NAME} (device)`, prompts: [] },
			{ type: 'oauth', label: `${FAKE_NAME} (code)`, prompts: PROMPTS },
			{ type: 'oauth', label: `${FAKE_NAME} (browser)`, prompts: [] },
			{ type: 'api', label: 'API key', prompts: [] },
		],
		models: [plainModel('fake-1', 'Fake 1')],
	};
}

const PROMPTS: CatalogProvider['authMethods'][number]['prompts'] = [
	{ type: 'select', key: 'plan', message: 'Which plan?', options: [{ label: 'Team', value: 'team' }] },
	{ type: 'text', key: 'team', message: 'Team name', when: { key: 'plan', op: 'eq', value: 'team' } },
];
