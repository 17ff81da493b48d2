import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type App, setApp } from './app.ts';
import { type Keyring, lockedMessage, openKeyring } from './auth/keys/keyring.ts';
import { createLeakGuard } from './auth/leakguard/guard.ts';
import { createOAuthBroker } from './auth/oauth/broker.ts';
import { SIGN_INS, type SignInRecipes } from './auth/oauth/recipes.ts';
import { createRefresher } from './auth/refresh/refresher.ts';
import { scheduleRenewals } from './auth/refresh/schedule.ts';
import { createJobAnnouncer } from './boot/changes.ts';
import { watchExits } from './boot/exits.ts';
import { watchIdle } from './boot/idle.ts';
import { recoverProjects, stopHolders } from './boot/recover.ts';
import { createRuntime, starterInstaller } from './boot/runtime.ts';
import { onStop } from './boot/stop.ts';
import { watchTrouble } from './boot/trouble.ts';
import { printWelcome } from './boot/welcome.ts';
import { createGate } from './chat/gate.ts';
import type { TurnServices } from './chat/turn.ts';
import { createWatchers } from './chat/watcher.ts';
import { type Config, loadConfig } from './config.ts';
import { keepMemoryOutOfCoreFiles } from './coreFiles.ts';
import { type Db, databaseFile, openDatabase } from './db/client.ts';
import { lockDataDir } from './db/lock.ts';
import { DEMO_PROVIDER } from './demo/demo.ts';
import { AppError } from './errors.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { createLive, type Live } from './live/live.ts';
import { createLogger, type Logger } from './logger.ts';
import { catalogFile, createCatalog } from './opencode/catalog.ts';
import { readStoredSecrets } from './opencode/stored/secrets.ts';
import { gatewayPortInside } from './projects/access.ts';
import { nameOf } from './projects/connected.ts';
import { createUses } from './projects/life/uses.ts';
import { projectPaths } from './projects/paths.ts';
import { findProject, findProjectBySlug } from './projects/projects.ts';
import { findServing } from './projects/serving.ts';
import { announceConnection } from './projects/views.ts';
import { prepareSpare } from './projects/workspace/spare.ts';
import { ensureStarter } from './projects/workspace/starter.ts';
import { createHandlers } from './queue/handlers/index.ts';
import type { HandlerServices } from './queue/handlers/services.ts';
import { createWorker } from './queue/queue.worker.ts';
import type { Runtime } from './runtime/runtime.ts';
import { createSetupToken } from './users/setupToken.ts';
import { createSignIn } from './users/signIn.ts';
import { hasUsers } from './users/users.ts';
import { builtPages, developmentPages } from './web/pages.ts';
import { createPreviewServer, type PreviewServer } from './web/preview.ts';
import { createPreviewAccess } from './web/previewAccess.ts';
import { findPreviewTarget } from './web/previewTarget.ts';
import { listen, type PageHandler } from './web/server.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What only a test brings with it: a provider of its own, and how to keep a sign-in to it alive. */
export type Extras = { plugins?: string[]; signIns?: SignInRecipes };

/** Wires everything, in the order in which it depends on each other. Answers 503 until all of it runs. */
export async function start(config: Config, isDevelopment: boolean, extras: Extras = {}): Promise<void> {
	const logger = createLogger(config.logLevel);
	if (!keepMemoryOutOfCoreFiles() && process.platform === 'linux')
		logger.warn('If a process of doce crashes, its core file may hold keys: switch core files off (ulimit -c 0).');
	const unlock = lockDataDir(config.dataDir);
	const stopper = new AbortController();
	const parts: { pages?: PageHandler; previews?: PreviewServer } = {};
	const { host, port } = config;
	const web = await listen({ host, port, previews: () => parts.previews, pages: () => parts.pages });
	const publicUrl = config.publicUrl ?? new URL(`http://localhost:${web.port}`);

	const database = await openDatabase(databaseFile(config.dataDir));
	const { db } = database;
	const keyring = await openKeyring(db, config);
	const locked = lockedMessage(keyring);
	if (locked !== undefined) logger.error(locked);

	const live = createLive();
	const demoUrl = `${addressOf(config, web.port)}/api/demo/v1`;
	const { dataDir, masterKeyFile, masterKey, logLevel, runtimeDir, proxy } = config;
	const catalog = catalogFile(dataDir, extras.plugins);
	const runtime = await createRuntime(config, db, logger);
	const gateway = await startGateway({
		...{ dataDir, catalog, masterKeyFile, masterKey, logLevel, runtimeDir, proxy, demoUrl, logger },
		portInside: gatewayPortInside(runtime),
	});
	const services = createServices({ config, db, keyring, live, logger, gateway, runtime, demoUrl, extras });
	const app = createApp({ config, publicUrl, services, stopping: stopper.signal });
	if (config.admin !== undefined && !(await hasUsers(db))) {
		await app.signIn.createFirstAdmin(config.admin.username, config.admin.password.reveal());
	}
	setApp(app, { isDevelopment });

	const announcer = createJobAnnouncer({ db, live, logger, catalog: services.catalog });
	const worker = createWorker({
		db,
		handlers: createHandlers(services),
		logger,
		onJobChanged: announcer.jobChanged,
		onJobEvent: announcer.jobEvent,
		scrub: async ({ user_id }, text) =>
			user_id === null ? text : (await services.guard.scrubberFor(user_id)).scrub(text),
	});
	await services.oauth.recover();
	await scheduleRenewals(db);
	const stopTelling = watchTrouble(services, await recoverProjects(services));
	const stopWatching = watchExits(services);
	await worker.start();
	const stopResting = watchIdle(services);

	parts.previews = createPreviewServer({
		access: app.previewAccess,
		appUrl: publicUrl,
		logger,
		findProjectId: async (slug) => (await findProjectBySlug(db, slug))?.id,
		findTarget: (projectId, by) => findPreviewTarget(app, projectId, by),
	});
	const pages = isDevelopment ? await developmentPages(ROOT, logger) : await builtPages(ROOT);
	parts.pages = pages;
	warmUp(services, logger);
	printWelcome({ publicUrl, setupToken: (await hasUsers(db)) ? undefined : app.setupToken.value });

	onStop(logger, [
		() => stopper.abort(),
		() => web.close(),
		stopWatching,
		stopResting,
		stopTelling,
		() => worker.stop(),
		() => services.oauth.stop(),
		() => services.watchers.stop(),
		() => runtime.stopAll(),
		() => stopHolders(services),
		() => gateway.stop(),
		() => database.close(),
		unlock,
	]);
}

type Ground = {
	config: Config;
	db: Db;
	keyring: Keyring;
	live: Live;
	logger: Logger;
	gateway: Gateway;
	runtime: Runtime;
	demoUrl: string;
	extras: Extras;
};

function createServices(ground: Ground): HandlerServices {
	const { config, db, keyring, live, logger, gateway, runtime, demoUrl, extras } = ground;
	const { dataDir } = config;
	const { plugins } = extras;
	const recipes = { ...SIGN_INS, ...extras.signIns };
	const catalog = createCatalog({ dataDir, logger, plugins });
	const announce = (id: string) => announceConnection({ db, live, keyring, catalog }, id);
	const guard = createLeakGuard({ db, keyring });
	const failureContext: TurnServices['failureContext'] = async (known) => {
		// As it is now: whoever watches a project for long has an old row of it.
		const project = (await findProject(db, known.id)) ?? known;
		const { connection, providerId } = await findServing(db, project);
		const listed = providerId === null ? undefined : await catalog.find(providerId);
		return {
			providerName:
				connection === undefined
					? (listed?.name ?? providerId ?? 'The provider')
					: await nameOf({ catalog }, connection),
			secrets: await readStoredSecrets(projectPaths(dataDir, project.id).home),
			scrub: (await guard.scrubberFor(project.user_id)).scrub,
			signedIn: connection?.auth_type === 'oauth',
		};
	};
	return {
		db,
		keyring,
		catalog,
		live,
		logger,
		dataDir,
		plugins,
		demo: { ...DEMO_PROVIDER, baseUrl: () => demoUrl },
		gateway,
		runtime,
		starter: () => ensureStarter({ dataDir, logger, install: starterInstaller(runtime) }),
		refresher: createRefresher({ db, logger, dataDir, keys: config, recipes }),
		oauth: createOAuthBroker({ db, keyring, live, logger, catalog, dataDir, recipes, plugins, announce }),
		gate: createGate(),
		watchers: createWatchers({ db, live, logger, failureContext, guard }),
		failureContext,
		guard,
		fresh: new Set(),
		uses: createUses({ db, logger, runtime }),
	};
}

function createApp(parts: { config: Config; publicUrl: URL; services: HandlerServices; stopping: AbortSignal }): App {
	const { config, publicUrl, services, stopping } = parts;
	const { db, keyring, catalog, live, logger, runtime } = services;
	const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
	return {
		version,
		config,
		publicUrl,
		logger,
		db,
		keyring,
		live,
		catalog,
		runtime,
		stopping,
		projects: services,
		uses: services.uses,
		guard: services.guard,
		connections: { db, keyring, directory: catalog, refresher: services.refresher },
		oauth: services.oauth,
		signIn: createSignIn({ db, secret: keyring.derive('user sessions').toString('base64url'), publicUrl }),
		setupToken: createSetupToken(),
		previewAccess: createPreviewAccess({
			secret: keyring.derive('preview cookies'),
			publicUrl,
			previewDomain: config.previewDomain,
		}),
	};
}

/** Where projects on this machine reach doce itself. */
function addressOf(config: Config, port: number): string {
	const isAny = ['0.0.0.0', '::', '127.0.0.1', 'localhost'].includes(config.host);
	return `http://${isAny ? '127.0.0.1' : config.host}:${port}`;
}

/** Fetched in the background, so that the first project and the first look into Settings do not wait for them. */
function warmUp({ starter, catalog, runtime }: TurnServices, logger: Logger): void {
	const packages = starter().then((ready) => {
		if (runtime.isolation.level !== 'not') prepareSpare(ready, 'start');
	});
	for (const work of [packages, catalog.get()]) {
		work.catch((error: unknown) =>
			logger.warn({ err: error }, 'A preparation failed; it is tried again when it is needed.'),
		);
	}
}

async function run(): Promise<void> {
	try {
		await start(loadConfig(), process.argv.includes('--dev'));
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		process.stderr.write(`\n${error.message}\n\n`);
		process.exit(1);
	}
}

// Run, not imported: a test imports it, to start a server that knows a provider of the test's own.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) await run();
