import type { Db } from '../../db/client.ts';
import type { Live } from '../../live/live.ts';
import type { OpenCode } from '../../opencode/client.ts';
import { holdsStoredCredential } from '../../opencode/stored/secrets.ts';
import { projectPaths } from '../paths.ts';
import type { Project } from '../projects.ts';
import { listPendingReceipts, type Receipt, settleReceipt } from '../receipts.ts';
import { findServing } from '../serving.ts';
import { announceReceipts } from '../views.ts';
import { listDeliveries } from './delivery.ts';

type Services = { db: Db; live: Live; dataDir: string; fresh: Set<string> };
type Settled = { state: Receipt['state']; detail: string };

/**
 * Settles what a project's open receipts wait for. A removal is proved by reading back: by OpenCode's own word when
 * it runs, and by its file of credentials in any case. Returns false when a removal could not be proved.
 */
export async function settlePending(
	services: Services,
	project: Project,
	{ openCode, jobId }: { openCode: OpenCode | undefined; jobId?: string | undefined },
): Promise<boolean> {
	let isProved = true;
	for (const receipt of await listPendingReceipts(services.db, project.id)) {
		const settled = await (receipt.kind === 'deliver'
			? judgeDelivery(services, project, receipt)
			: judgeRemoval(services, project, { receipt, openCode }));
		if (settled !== undefined) await settle(services, project, { receipt, ...settled, jobId });
		else if (receipt.kind === 'remove') isProved = false;
	}
	return isProved;
}

/** Says of all that a project still waits for how it stands. */
export async function noteReceipts(
	services: Pick<Services, 'db' | 'live'>,
	project: Project,
	state: Receipt['state'],
	detail: string,
): Promise<void> {
	for (const receipt of await listPendingReceipts(services.db, project.id)) {
		await settle(services, project, { receipt, state, detail });
	}
}

async function settle(
	{ db, live }: Pick<Services, 'db' | 'live'>,
	project: Project,
	{ receipt, ...settled }: Settled & { receipt: Receipt; jobId?: string | undefined },
): Promise<void> {
	const { connection_id: connectionId, version } = receipt;
	const changed = await settleReceipt(db, { connectionId, version, projectId: project.id, ...settled });
	announceReceipts({ live }, changed, { userId: project.user_id, connectionId });
}

async function judgeDelivery({ db }: Services, project: Project, receipt: Receipt): Promise<Settled | undefined> {
	const { connection } = await findServing(db, project);
	if (connection?.id !== receipt.connection_id)
		return { state: 'superseded', detail: 'The project uses another connection now.' };
	const held = (await listDeliveries(db, project.id)).find(
		({ connection_id, state }) => connection_id === receipt.connection_id && state === 'delivered',
	);
	return held !== undefined && held.version >= receipt.version
		? { state: 'done', detail: 'OpenCode uses it.' }
		: undefined;
}

async function judgeRemoval(
	{ db, dataDir, fresh }: Services,
	project: Project,
	{ receipt, openCode }: { receipt: Receipt; openCode: OpenCode | undefined },
): Promise<Settled | undefined> {
	const { provider_id: providerId, connection_id: connectionId } = receipt;
	const held = await listDeliveries(db, project.id);
	if (held.some(({ connection_id }) => connection_id === connectionId)) return undefined;
	if (held.some(({ provider_id }) => provider_id === providerId)) {
		return { state: 'done', detail: 'Another account of this provider took its place.' };
	}
	const { home } = projectPaths(dataDir, project.id);
	if (await holdsStoredCredential(home, providerId)) return undefined;
	if (openCode === undefined) return { state: 'done', detail: 'The project does not run, and holds no credential.' };
	const hasKey = await openCode.hasKey(providerId);
	fresh.delete(openCode.identity);
	return hasKey ? undefined : { state: 'done', detail: 'Read back: OpenCode has no key for this provider any more.' };
}
