import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Db, databaseFile } from '#server/db/client.ts';
import type { Logger } from '#server/logger.ts';
import { type ConnectionRow, findConnection } from '../connections.ts';
import type { MasterKeySource } from '../keys/masterKey.ts';
import { findRecipe, type Renewal, type SignInRecipes } from '../oauth/recipes.ts';
import { reportStatus } from '../status.ts';
import type { Errand } from './child.ts';
import { isClaimed, isOver, MOST_REFUSALS, markEnded, type RenewalOutcome } from './renew.ts';

/** How often a renewal by a process that is not our child is looked after, in ms. */
const LOOK = 250;
/** How long a renewal is waited for, in ms. */
const PATIENCE = 120_000;

export type RefresherDeps = {
	db: Db;
	logger: Logger;
	dataDir: string;
	keys: MasterKeySource;
	recipes: SignInRecipes;
};

/** Renews sign-ins: one request at a time for each, across restarts. Nobody else refreshes anything. */
export type Refresher = {
	/**
	 * Renews a sign-in that is due, waiting for a renewal that is under way. `early`: also one that is not due yet.
	 * `renewed` is said of one that needs nothing, too.
	 */
	renew(connectionId: string, options?: { early?: boolean }): Promise<RenewalOutcome>;
};

export function createRefresher(deps: RefresherDeps): Refresher {
	const underWay = new Map<string, Promise<RenewalOutcome>>();
	return {
		renew(connectionId, { early = false } = {}) {
			// One that leaves alone what is not due is no answer to who asks early; the claim keeps the two apart.
			const kind = `${connectionId}/${early}`;
			const known = underWay.get(kind);
			if (known !== undefined) return known;
			const work = renewOnce(deps, connectionId, early).finally(() => underWay.delete(kind));
			underWay.set(kind, work);
			return work;
		},
	};
}

/**
 * A connection, renewed if it is due; every other one as it is. One whose token is over and cannot be renewed at the
 * moment is returned as `unreachable`, with a job that asks again: whoever uses it refuses it (`isOver`), and waits. One
 * that has ended for good is left to whoever uses it, too.
 */
export async function ensureFreshAccess(
	{ db, refresher }: { db: Db; refresher: Refresher },
	row: ConnectionRow | undefined,
): Promise<ConnectionRow | undefined> {
	if (row === undefined || !isDue(row, Date.now())) return row;
	// While its token serves, a provider that refuses is asked again by the job alone, which takes its time.
	if (row.oauth_refusals > 0 && !isOver(row, Date.now())) return row;
	const { kind, message = '' } = await refresher.renew(row.id);
	const now = await findConnection(db, row.id);
	if (kind !== 'trouble' || now === undefined || now.status === 'expired' || !isOver(now, Date.now())) return now;
	await reportStatus(db, now, { reason: 'unreachable', message: `The sign-in could not be renewed yet. ${message}` });
	return findConnection(db, row.id);
}

function isDue(row: ConnectionRow, now: number): boolean {
	return row.auth_type === 'oauth' && row.oauth_renew_at !== null && row.oauth_renew_at <= now;
}

async function renewOnce(deps: RefresherDeps, connectionId: string, early: boolean): Promise<RenewalOutcome> {
	const deadline = Date.now() + PATIENCE;
	for (let isEarly = early; Date.now() < deadline; await pause(LOOK)) {
		const row = await findConnection(deps.db, connectionId);
		if (row?.auth_type !== 'oauth') return { kind: 'gone' };
		if (isClaimed(row, Date.now())) {
			// What the other one brings is as new as it can be.
			isEarly = false;
			continue;
		}
		if (hasEnded(row)) return { kind: 'ended' };
		if (!isEarly && !isDue(row, Date.now())) return { kind: 'renewed' };
		const outcome = await renewNow(deps, row);
		if (outcome.kind !== 'claimed') return outcome;
	}
	return { kind: 'trouble', message: 'Its renewal took too long.' };
}

/** Whether the provider itself has ended it. What it only refused is asked for once more when somebody wants to know. */
function hasEnded(row: ConnectionRow): boolean {
	const isStopped = row.oauth_renew_at === null && row.oauth_expires_at !== null;
	return row.status === 'expired' && isStopped && row.oauth_refusals < MOST_REFUSALS;
}

async function renewNow(deps: RefresherDeps, row: ConnectionRow): Promise<RenewalOutcome> {
	const recipe = findRecipe(row.provider_id, deps.recipes);
	const renewal = 'renewal' in recipe ? recipe.renewal : null;
	if (renewal !== null) return runChild(deps, row, renewal);
	if (!isOver(row, Date.now())) return { kind: 'renewed' };
	await markEnded(deps.db, row);
	return { kind: 'ended' };
}

const outcome = z.object({
	kind: z.enum(['renewed', 'ended', 'trouble', 'claimed', 'gone']),
	message: z.string().optional(),
});

/** In a session of its own, so that it outlives us; what it says when it ends is a convenience, the row is the truth. */
async function runChild(deps: RefresherDeps, row: ConnectionRow, renewal: Renewal): Promise<RenewalOutcome> {
	const { dataDir, keys, logger } = deps;
	const told: Errand = {
		databaseFile: databaseFile(dataDir),
		masterKeyFile: keys.masterKeyFile,
		...(keys.masterKey !== undefined && { masterKey: keys.masterKey.reveal() }),
		connectionId: row.id,
		renewAt: row.oauth_renew_at,
		renewal,
	};
	const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), 'renew'], {
		cwd: dataDir,
		detached: true,
		stdio: 'pipe',
	});
	child.stdin.end(JSON.stringify(told));
	const ended = new Promise<number | null>((resolve) => {
		child.once('exit', resolve).once('error', () => resolve(null));
	});
	const [said, trace, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	if (code === 0) return dropEmpty(outcome.parse(JSON.parse(said)));
	logger.error({ connectionId: row.id, code, where: framesOf(trace) }, 'The process that renews a sign-in failed.');
	return { kind: 'trouble', message: 'The server could not run the renewal; its log has the details.' };
}

/** Where it failed, without the message, which may repeat what the provider said. */
function framesOf(trace: string): string[] {
	return trace
		.split('\n')
		.filter((line) => /^\s+at /.test(line))
		.slice(0, 12);
}

function dropEmpty({ kind, message }: z.infer<typeof outcome>): RenewalOutcome {
	return message === undefined ? { kind } : { kind, message };
}
