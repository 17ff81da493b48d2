import { type AuditActor, recordAudit } from '../../audit/audit.ts';
import type { ConnectionRow } from '../../auth/connections.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import { enqueue, resumeWaiting } from '../../queue/enqueue.ts';
import type { OwnedProject, Project } from '../projects.ts';

/** Whether a connection may serve a project: one that is set to sealed only takes no copied keys. */
export function isAllowed(project: Pick<Project, 'sealed_only'>, connection: Pick<ConnectionRow, 'delivery'>): boolean {
	return project.sealed_only === 0 || connection.delivery === 'sealed';
}

/** Why a connection may not serve a project, and what would change that. */
export function refusalWords(providerName: string): { message: string; cure: string } {
	return {
		message: `The key of ${providerName} would be copied into this project, which takes no copied keys.`,
		cure: 'Change how the key is delivered in Settings, let this project take copied keys',
	};
}

/** Takes effect at once: what the project holds and may not is taken out as soon as its agent is idle. */
export async function setSealedOnly(
	db: Db,
	person: { id: string; actor: AuditActor },
	project: OwnedProject,
	sealedOnly: boolean,
): Promise<void> {
	const { id: projectId, user_id: userId } = project;
	await inTransaction(db, async (tx) => {
		await tx
			.updateTable('projects')
			.set({ sealed_only: sealedOnly ? 1 : 0, updated_at: Date.now() })
			.where('id', '=', projectId)
			.execute();
		await resumeWaiting(tx, { projectId });
		await enqueue(tx, { type: 'credentials.deliver', payload: { projectId }, projectId, userId });
		const subject = { userId: person.id, projectId };
		await recordAudit(tx, { actor: person.actor, action: 'project.sealedOnly', ...subject, detail: { sealedOnly } });
	});
}
