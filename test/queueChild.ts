// A worker to be killed: runs the chains in the database at argv[2] until none is left, a line on stdout per step.
import { sql } from 'kysely';
import { openDatabase } from '#server/db/client.ts';
import { createLogger } from '#server/logger.ts';
import { createWorker } from '#server/queue/queue.worker.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import { handlersFor, pause } from './queueBench.ts';

const { db, close } = await openDatabase(process.argv[2] as string);

const handlers = handlersFor(async (_, { job }) => {
	const step = (SETUP_STEPS as readonly string[]).indexOf(job.type);
	await pause(Math.random() * 2);
	await sql`insert into tries (project, step) values (${job.project_id}, ${step})`.execute(db);
	// The effect is idempotent, as every handler's has to be: a second try finds it done.
	await sql`insert into effects (project, step) values (${job.project_id}, ${step}) on conflict do nothing`.execute(db);
	process.stdout.write('step\n');
	await pause(Math.random() * 2);
	const next = SETUP_STEPS[step + 1];
	return next === undefined ? undefined : [{ type: next, payload: {} }];
});

await createWorker({ db, handlers, logger: createLogger('error'), slots: 8 }).runUntilEmpty();
await close();
