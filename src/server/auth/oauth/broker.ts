import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import type { InitiatedOAuth, InitiateOAuthInput } from '#shared/oauth.ts';
import { removeHome, startSignInServer } from '../../opencode/errand/signInServer.ts';
import type { Person } from '../connectionChanges.ts';
import { type ConnectionRow, getConnection } from '../connections.ts';
import { lockedMessage } from '../keys/keyring.ts';
import * as attempts from './attempts.ts';
import { authorize, patienceOf, planSignIn } from './begin.ts';
import { finishSignIn } from './finish.ts';
import type { LiveAttempt, Plan, SignInDeps } from './liveAttempt.ts';
import { deliverPasteBack, readPasteBack, redirectOf } from './pasteBack.ts';
import { BROKEN, CANCELLED, EXPIRED, RESTARTED, userCodeIn } from './words.ts';

/** Each is an OpenCode of some 300 MB. */
const MOST_PER_PERSON = 3;
const MOST = 8;
/** How long a caller waits for the end of an attempt that the provider should know of by now, in ms. */
const SETTLING = 45_000;
/** A plugin that gives up so shortly before the person's time is up, in ms, has met its own limit. */
const ALMOST = 10_000;

/** Signs people in to providers, each attempt in an OpenCode of its own. */
export type OAuthBroker = ReturnType<typeof createOAuthBroker>;

export function createOAuthBroker(deps: SignInDeps) {
	const { db } = deps;
	const root = join(deps.dataDir, 'tmp', 'sign-in');
	const lives = new Map<string, LiveAttempt>();

	/** Ends a pending attempt and what belongs to it; only the first end counts. */
	async function end(id: string, ending: Parameters<typeof attempts.endAttempt>[2]): Promise<void> {
		if (await attempts.endAttempt(db, id, ending)) await tell(id);
		await close(id);
	}

	async function tell(id: string): Promise<void> {
		const row = await attempts.findAttempt(db, id);
		if (row === undefined) return;
		deps.live.publish({ userId: row.user_id }, { type: 'oauth.attempt', attempt: attempts.toAttemptView(row) });
	}

	async function close(id: string): Promise<void> {
		const live = lives.get(id);
		if (live === undefined) return;
		lives.delete(id);
		live.stopper.abort();
		await live.server?.wipe();
	}

	function reserve(person: Person, plan: Plan): LiveAttempt {
		const own = [...lives.values()].filter(({ userId }) => userId === person.id).length;
		if (own >= MOST_PER_PERSON || lives.size >= MOST)
			throw new AppError('conflict', 'Too many sign-ins are under way. Finish or cancel one of them first.');
		const id = attempts.newAttemptId();
		const stopper = new AbortController();
		const live = { id, userId: person.id, plan, server: undefined, redirect: undefined, isChecking: false, stopper };
		lives.set(id, live);
		return live;
	}

	/** Begins a sign-in. Throws `AppError`, also in the provider's name. */
	async function start(person: Person, input: InitiateOAuthInput): Promise<InitiatedOAuth> {
		const locked = lockedMessage(deps.keyring);
		if (locked !== undefined) throw new AppError('unavailable', locked);
		const plan = await planSignIn(deps, person, input);
		const live = reserve(person, plan);
		const { id } = live;
		try {
			const expiresAt = Date.now() + patienceOf(plan.recipe, live);
			const { providerId, detail } = plan;
			await attempts.insertAttempt(db, { id, userId: person.id, providerId, detail, expiresAt });
			return await open(live);
		} catch (error) {
			const isCancelled = live.stopper.signal.aborted;
			await end(id, { state: 'failed', message: error instanceof AppError ? error.message : BROKEN });
			throw isCancelled ? new AppError('conflict', CANCELLED) : error;
		}
	}

	async function open(live: LiveAttempt): Promise<InitiatedOAuth> {
		const { id, plan, stopper } = live;
		const options = { home: join(root, id), providerId: plan.providerId, plugins: deps.plugins };
		const server = await startSignInServer(options, stopper.signal);
		live.server = server;
		// Cancelled while it started: nobody else would end it.
		if (!lives.has(id)) await server.wipe();
		stopper.signal.throwIfAborted();
		const { url, flow, instructions } = await authorize(server, plan);
		const redirect = redirectOf(url);
		live.redirect = redirect;
		const expiresAt = Date.now() + patienceOf(plan.recipe, live);
		await inTransaction(db, async (tx) => {
			const { jobId } = await enqueue(tx, { type: 'oauth.callback', payload: { attemptId: id }, userId: live.userId });
			await attempts.openAttempt(tx, id, { flow, expires_at: expiresAt, job_id: jobId });
		});
		const userCode = userCodeIn(instructions);
		return {
			attemptId: id,
			url,
			method: flow,
			instructions,
			...(userCode !== undefined && { userCode }),
			...(redirect !== undefined && { redirectsTo: `http://${redirect.host}:${redirect.port}${redirect.path}` }),
			expiresAt: new Date(expiresAt).toISOString(),
		};
	}

	/** Until the attempt has ended; the job's own work. Without its OpenCode an attempt has failed. */
	async function follow(id: string, signal: AbortSignal): Promise<attempts.AttemptRow | undefined> {
		const row = await attempts.findAttempt(db, id);
		const live = lives.get(id);
		if (row?.state !== 'pending') return row;
		if (live === undefined) await end(id, { state: 'failed', message: RESTARTED });
		else await wait(live, row, signal);
		return attempts.findAttempt(db, id);
	}

	async function wait(live: LiveAttempt, row: attempts.AttemptRow, signal: AbortSignal): Promise<void> {
		const { id, stopper } = live;
		const limit = AbortSignal.timeout(Math.max(0, row.expires_at - Date.now()));
		const until = AbortSignal.any([signal, limit, stopper.signal]);
		try {
			if (row.flow === 'auto') await conclude(live, await callback(live, undefined, until));
			else await aborted(until);
		} catch (error) {
			if (!until.aborted) await end(id, { state: 'failed', message: BROKEN });
			if (!until.aborted) throw error;
		}
		if (stopper.signal.aborted) return;
		if (limit.aborted) return end(id, { state: 'expired', message: EXPIRED });
		if (signal.aborted && !isShutdown(signal)) await end(id, { state: 'cancelled', message: CANCELLED });
		signal.throwIfAborted();
	}

	async function callback(
		{ server, plan }: LiveAttempt,
		code: string | undefined,
		until: AbortSignal,
	): Promise<boolean> {
		if (server === undefined) throw new AppError('conflict', 'The sign-in is still starting.');
		return server.callback(plan.detail.method, code, until);
	}

	/** The provider, or its plugin, has said how it ended: what it brought is sealed, and the rest removed. */
	async function conclude({ id, plan, server }: LiveAttempt, approved: boolean): Promise<void> {
		const row = await attempts.findAttempt(db, id);
		if (row?.state !== 'pending' || server === undefined) return;
		if (!approved) {
			const late = Date.now() > row.expires_at - ALMOST;
			const message = late ? EXPIRED : `${plan.providerName} ended the sign-in: it was declined there, or failed.`;
			return end(id, { state: late ? 'expired' : 'failed', message });
		}
		const connection = await finishSignIn(deps, row, await server.read());
		if (connection !== undefined) await deps.announce(connection.id);
		if (connection !== undefined) await tell(id);
		await close(id);
	}

	/**
	 * Hands over a code, or the address of the page that did not load; with neither it waits for what was approved
	 * elsewhere. Throws `AppError`: `invalid` for what was typed, `conflict` when it has not ended yet or ended otherwise.
	 */
	async function complete(person: Person, id: string, typed = ''): Promise<ConnectionRow> {
		const row = await attempts.getAttempt(db, person.id, id);
		const live = lives.get(id);
		if (row.state === 'pending' && live !== undefined) {
			if (row.flow === 'code') await checkCode(live, typed.trim());
			else if (typed.trim() !== '') await checkAddress(live, typed);
			await Promise.race([aborted(live.stopper.signal), pause(SETTLING, undefined, { ref: false })]);
		}
		return connectionOf(await attempts.getAttempt(db, person.id, id));
	}

	async function checkCode(live: LiveAttempt, code: string): Promise<void> {
		const name = live.plan.providerName;
		if (code === '') throw new AppError('invalid', `Paste the code that ${name} shows.`);
		if (live.isChecking) throw new AppError('conflict', 'A code is being checked already.');
		live.isChecking = true;
		try {
			const approved = await callback(
				live,
				code,
				AbortSignal.any([live.stopper.signal, AbortSignal.timeout(SETTLING)]),
			);
			if (!approved) throw new AppError('invalid', `${name} did not accept this code. Copy it again, or start again.`);
			await conclude(live, true);
		} finally {
			live.isChecking = false;
		}
	}

	async function checkAddress({ redirect, plan, stopper }: LiveAttempt, address: string): Promise<void> {
		if (redirect === undefined)
			throw new AppError('invalid', `This sign-in takes no code here: enter it on ${plan.providerName}’s page.`);
		await deliverPasteBack(readPasteBack(address, redirect, plan.recipe.fragmentPath), stopper.signal);
	}

	async function connectionOf(row: attempts.AttemptRow): Promise<ConnectionRow> {
		if (row.state === 'connected' && row.connection_id !== null)
			return getConnection(db, row.user_id, row.connection_id);
		if (row.state === 'pending')
			throw new AppError('conflict', 'Nobody has approved yet. Approve on the provider’s page.');
		throw new AppError('conflict', row.message ?? 'This sign-in has ended. Start it again.');
	}

	return {
		recipes: deps.recipes,
		start,
		follow,
		complete,
		get: (person: Person, id: string) => attempts.getAttempt(db, person.id, id),
		async cancel(person: Person, id: string): Promise<attempts.AttemptRow> {
			await attempts.getAttempt(db, person.id, id);
			await end(id, { state: 'cancelled', message: CANCELLED });
			return attempts.getAttempt(db, person.id, id);
		},
		/** At a start: what an earlier life left behind is gone, and says so. */
		async recover(): Promise<void> {
			await removeHome(root);
			for (const { id } of await attempts.listPendingAttempts(db))
				await end(id, { state: 'failed', message: RESTARTED });
		},
		async stop(): Promise<void> {
			await Promise.all([...lives.keys()].map(close));
		},
	};
}

/** Resolves once the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function isShutdown(signal: AbortSignal): boolean {
	return (signal.reason as { why?: string } | undefined)?.why === 'shutdown';
}
