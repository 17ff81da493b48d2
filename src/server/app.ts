import type { Keyring } from './auth/keys/keyring.ts';
import type { LeakGuard } from './auth/leakguard/guard.ts';
import type { OAuthBroker } from './auth/oauth/broker.ts';
import type { ProvidersDeps } from './auth/providers.ts';
import type { Config } from './config.ts';
import type { Db } from './db/client.ts';
import type { Live } from './live/live.ts';
import type { Logger } from './logger.ts';
import type { Catalog } from './opencode/catalog.ts';
import type { Uses } from './projects/life/uses.ts';
import type { ProjectServices } from './projects/setup.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { SetupToken } from './users/setupToken.ts';
import type { SignIn } from './users/signIn.ts';
import type { PreviewAccess } from './web/previewAccess.ts';

/** The running doce, as pages and actions see it. `start.ts` makes it, once. */
export type App = {
	version: string;
	config: Config;
	publicUrl: URL;
	logger: Logger;
	db: Db;
	keyring: Keyring;
	signIn: SignIn;
	setupToken: SetupToken;
	live: Live;
	catalog: Catalog;
	connections: ProvidersDeps;
	oauth: OAuthBroker;
	projects: ProjectServices;
	uses: Uses;
	/** Takes a person's secrets out of what their projects say and hold. */
	guard: LeakGuard;
	runtime: Runtime;
	previewAccess: PreviewAccess;
	/** Aborts when the server begins to shut down. */
	stopping: AbortSignal;
};

let running: App | undefined;

/** In development Vite loads this module a second time, for the pages: both copies find the app here. */
const SHARED = Symbol.for('doce.app');
const shared = globalThis as { [SHARED]?: App };

export function setApp(app: App, options: { isDevelopment: boolean }): void {
	running = app;
	if (options.isDevelopment) shared[SHARED] = app;
}

/** Throws before `start.ts` has wired it; the web server answers 503 until then. */
export function app(): App {
	const found = running ?? shared[SHARED];
	if (found === undefined) throw new Error('doce has not started.');
	return found;
}
