import type { Db } from '#server/db/client.ts';
import type { ConnectionView } from '#shared/providers.ts';
import {
	type ConnectionRow,
	DEMO_PROVIDER_ID,
	DEMO_PROVIDER_NAME,
	getPreferredProvider,
	metadataOf,
} from './connections.ts';
import { type Keyring, lockedMessage } from './keys/keyring.ts';
import { isLegacyConnectionId } from './legacy/legacyKey.ts';

type ConnectionFacts = {
	providerName: string;
	preferred: boolean;
	projectCount: number;
	problemProjectName: string | undefined;
	/** The words of a locked keyring. */
	locked: string | undefined;
};

/** The only way a connection's row becomes JSON. */
function toConnectionView(row: ConnectionRow, facts: ConnectionFacts): ConnectionView {
	const locked = facts.locked !== undefined && row.sealed_credential !== null;
	const { fields, wellKnown } = metadataOf(row);
	return {
		id: row.id,
		providerId: row.provider_id,
		providerName: facts.providerName,
		label: row.label,
		authType: row.auth_type,
		status: locked ? 'error' : row.status,
		reason: locked ? 'locked' : row.reason,
		errorMessage: locked ? (facts.locked ?? null) : row.error_message,
		lastFour: row.last_four,
		delivery: row.delivery,
		preferred: facts.preferred,
		scripted: row.provider_id === DEMO_PROVIDER_ID,
		baseUrl: row.base_url,
		fields,
		wellKnown:
			wellKnown === undefined ? null : { url: wellKnown.url, readAt: new Date(wellKnown.readAt).toISOString() },
		lastUsedAt: toIso(row.last_used_at),
		createdAt: new Date(row.created_at).toISOString(),
		updatedAt: new Date(row.updated_at).toISOString(),
		projectCount: facts.projectCount,
		active: row.active === 1,
		account: row.oauth_account,
		retryAt: toIso(row.retry_at),
		problemAt: toIso(row.problem_at),
		problemProjectId: row.problem_project_id,
		problemProjectName: facts.problemProjectName ?? null,
		position: row.position,
		legacy: isLegacyConnectionId(row.id),
	};
}

export type ViewDeps = {
	db: Db;
	keyring: Keyring;
	directory: { find(providerId: string): Promise<{ name: string } | undefined> };
};

/** Views of one person's rows; projects are counted and named by the room that knows them. */
export async function viewConnections(
	deps: ViewDeps,
	rows: readonly ConnectionRow[],
	projectCountOf: (row: ConnectionRow) => number,
	projectNameOf: (projectId: string) => string | undefined = () => undefined,
): Promise<ConnectionView[]> {
	const preferred = rows[0] === undefined ? null : await getPreferredProvider(deps.db, rows[0].user_id);
	const locked = lockedMessage(deps.keyring);
	const views = rows.map(async (row) =>
		toConnectionView(row, {
			providerName: await providerNameOf(deps.directory, row),
			preferred: row.provider_id === preferred,
			projectCount: projectCountOf(row),
			problemProjectName: row.problem_project_id === null ? undefined : projectNameOf(row.problem_project_id),
			locked,
		}),
	);
	return Promise.all(views);
}

async function providerNameOf(directory: ViewDeps['directory'], row: ConnectionRow): Promise<string> {
	if (row.provider_id === DEMO_PROVIDER_ID) return DEMO_PROVIDER_NAME;
	const { custom, wellKnown } = metadataOf(row);
	const own = custom?.name ?? row.provider_id;
	return wellKnown === undefined ? ((await directory.find(row.provider_id))?.name ?? own) : own;
}

function toIso(time: number | null): string | null {
	return time === null ? null : new Date(time).toISOString();
}
