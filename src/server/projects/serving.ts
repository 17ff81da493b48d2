import { type ConnectionRow, findConnection, findConnectionForProvider } from '../auth/connections.ts';
import type { Db } from '../db/client.ts';
import type { Project } from './projects.ts';

/** Which connection answers for a project, with which model. */
export type Serving = {
	/** undefined when the project's provider is not connected. */
	connection: ConnectionRow | undefined;
	providerId: string | null;
	modelId: string | null;
	/** True while it stands in for the project's own provider. */
	standsIn: boolean;
};

/** The project's own provider, or what stands in for it for as long as that is connected. */
export async function findServing(db: Db, project: Project): Promise<Serving> {
	const standIn = await findStandIn(db, project);
	if (standIn !== undefined) {
		return {
			connection: standIn,
			providerId: standIn.provider_id,
			modelId: project.fallback_model_id,
			standsIn: true,
		};
	}
	const providerId = project.current_model_provider_id;
	const connection = providerId === null ? undefined : await findConnectionForProvider(db, project.user_id, providerId);
	return { connection, providerId, modelId: project.current_model_id, standsIn: false };
}

/** The connection of the project's own provider. */
export async function findOwn(db: Db, project: Project): Promise<ConnectionRow | undefined> {
	const providerId = project.current_model_provider_id;
	return providerId === null ? undefined : findConnectionForProvider(db, project.user_id, providerId);
}

/** From now on the project's prompts go to this connection, until `clearStandIn`. */
export async function setStandIn(
	db: Db,
	projectId: string,
	{ connectionId, modelId }: { connectionId: string; modelId: string },
): Promise<void> {
	await db
		.updateTable('projects')
		.set({ fallback_connection_id: connectionId, fallback_model_id: modelId, fallback_since: Date.now() })
		.where('id', '=', projectId)
		.execute();
}

/** The project returns to its own provider. */
export async function clearStandIn(db: Db, projectId: string): Promise<void> {
	await db
		.updateTable('projects')
		.set({ fallback_connection_id: null, fallback_model_id: null, fallback_since: null })
		.where('id', '=', projectId)
		.execute();
}

/** A person's projects whose own provider this is. */
export async function listProjectsOfProvider(db: Db, userId: string, providerId: string): Promise<Project[]> {
	return db
		.selectFrom('projects')
		.selectAll()
		.where('user_id', '=', userId)
		.where('current_model_provider_id', '=', providerId)
		.where('status', '!=', 'deleting')
		.execute();
}

/** A person's projects for which another connection stands in. */
export async function listProjectsWithStandIn(db: Db, userId: string): Promise<Project[]> {
	return db
		.selectFrom('projects')
		.selectAll()
		.where('user_id', '=', userId)
		.where('fallback_connection_id', 'is not', null)
		.execute();
}

/** What a job waits for whose provider is not connected at all. */
export function unconnected({ user_id }: Pick<Project, 'user_id'>, providerId: string | null): string {
	return `provider:${user_id}:${providerId ?? ''}`;
}

async function findStandIn(db: Db, project: Project): Promise<ConnectionRow | undefined> {
	if (project.fallback_connection_id === null) return undefined;
	const row = await findConnection(db, project.fallback_connection_id);
	return row?.user_id === project.user_id ? row : undefined;
}
