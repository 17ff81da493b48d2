import type { Db } from '#server/db/client.ts';
import type { Live } from '#server/live/live.ts';
import type { Logger } from '#server/logger.ts';
import type { Catalog } from '../../opencode/catalog.ts';
import type { SignInServer } from '../../opencode/errand/signInServer.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Resolve } from '../probes/call.ts';
import type { AttemptDetail } from './attempts.ts';
import type { Redirect } from './pasteBack.ts';
import type { SignInRecipe, SignInRecipes } from './recipes.ts';

export type SignInDeps = {
	db: Db;
	keyring: Keyring;
	live: Live;
	logger: Logger;
	catalog: Pick<Catalog, 'find'>;
	/** The data folder: the attempts' homes are below it. */
	dataDir: string;
	recipes: SignInRecipes;
	/** Paths of extra plugins; only tests have some. */
	plugins?: string[] | undefined;
	/** How names are resolved; only tests have one of their own. */
	resolve?: Resolve | undefined;
	/** Tells the open pages of a connection that is new or works again. */
	announce(connectionId: string): Promise<void>;
};

/** What a sign-in is begun with: everything that came from the person, checked. */
export type Plan = { providerId: string; providerName: string; recipe: SignInRecipe; detail: AttemptDetail };

/** An attempt with its OpenCode; there is none after a restart. */
export type LiveAttempt = {
	id: string;
	userId: string;
	plan: Plan;
	/** Undefined while it starts. */
	server: SignInServer | undefined;
	redirect: Redirect | undefined;
	isChecking: boolean;
	/** Aborts when the attempt has ended. */
	stopper: AbortController;
};
