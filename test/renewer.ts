import { createRefresher } from '#server/auth/refresh/refresher.ts';
import { databaseFile, openDatabase } from '#server/db/client.ts';
import { createLogger } from '#server/logger.ts';

/** A server that does nothing but renew one sign-in: what a test kills in the middle of it. */
const { dataDir, masterKeyFile, connectionId, recipes } = JSON.parse(process.argv[2] ?? '{}');
const { db } = await openDatabase(databaseFile(dataDir));
const refresher = createRefresher({ db, logger: createLogger('silent'), dataDir, keys: { masterKeyFile }, recipes });
await refresher.renew(connectionId, { early: true });
