import type { ConnectionView } from '#shared/providers.ts';
import type { ConnectionProject } from '#shared/receipts.ts';
import type { ConnectionRow } from '../auth/connections.ts';
import { type ViewDeps, viewConnections } from '../auth/views.ts';
import type { Db } from '../db/client.ts';
import type { Row } from '../db/schema.ts';
import type { Project } from './projects.ts';
import type { Receipt } from './receipts.ts';

/** Views of one person's connections, with what their projects have to do with them. */
export async function viewConnectionsOf(deps: ViewDeps, rows: readonly ConnectionRow[]): Promise<ConnectionView[]> {
	if (rows[0] === undefined) return [];
	const projects = await listLivingProjects(deps.db, rows[0].user_id);
	const names = new Map(projects.map(({ id, name }) => [id, name]));
	return viewConnections(
		deps,
		rows,
		(row) => projects.filter((project) => uses(project, row)).length,
		(projectId) => names.get(projectId),
	);
}

/** The projects that use a connection, and those that still hold it or have it on its way; by name. */
export async function listConnectionProjects(db: Db, row: ConnectionRow): Promise<ConnectionProject[]> {
	const projects = await listLivingProjects(db, row.user_id);
	const held = await db.selectFrom('credential_deliveries').selectAll().where('connection_id', '=', row.id).execute();
	const receipts = await db
		.selectFrom('credential_receipts')
		.selectAll()
		.where('connection_id', '=', row.id)
		.where('state', 'in', ['pending', 'failed'])
		.orderBy('version', 'desc')
		.execute();
	return projects
		.map((project) => ({
			project,
			delivery: held.find((delivery) => delivery.project_id === project.id),
			open: receipts.find((receipt) => receipt.project_id === project.id),
		}))
		.filter(({ project, delivery, open }) => uses(project, row) || delivery !== undefined || open?.state === 'pending')
		.map(({ project, ...known }) => ({ id: project.id, name: project.name, ...standing(row, known) }));
}

/** A project uses the account in use of its provider, or the one that stands in for it. */
function uses(project: Project, row: ConnectionRow): boolean {
	const isOwn = project.current_model_provider_id === row.provider_id && row.active === 1;
	return isOwn || project.fallback_connection_id === row.id;
}

type Known = { delivery: Row<'credential_deliveries'> | undefined; open: Receipt | undefined };

function standing(row: ConnectionRow, { delivery, open }: Known): Omit<ConnectionProject, 'id' | 'name'> {
	const facts = {
		version: delivery?.version ?? null,
		at: delivery?.delivered_at == null ? null : new Date(delivery.delivered_at).toISOString(),
		detail: open?.detail ?? delivery?.error ?? null,
	};
	if (open?.state === 'failed' || delivery?.state === 'failed') return { state: 'failed', ...facts };
	if (open?.state === 'pending' || delivery?.state === 'pending') return { state: 'pending', ...facts };
	if (delivery === undefined) return { state: 'none', ...facts };
	return { state: delivery.version === row.version ? 'delivered' : 'pending', ...facts };
}

async function listLivingProjects(db: Db, userId: string): Promise<Project[]> {
	return db
		.selectFrom('projects')
		.selectAll()
		.where('user_id', '=', userId)
		.where('status', '!=', 'deleting')
		.orderBy('name')
		.orderBy('id')
		.execute();
}
