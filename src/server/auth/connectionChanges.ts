import { type AuditActor, type AuditDetail, recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import { type ConnectionRow, getPreferredProvider, listConnections } from './connections.ts';

/** Who acts: for their own connections alone. */
export type Person = { id: string; role: 'admin' | 'member'; actor: AuditActor };

type Settings = { preferred_provider_id: string | null; provider_auth_initialized?: number };

type Subject = Pick<ConnectionRow, 'id' | 'provider_id' | 'label'>;

/** Chooses the provider that new projects start with. Throws `conflict` when it is not connected. */
export async function setPreferredProvider(db: Db, person: Person, providerId: string): Promise<void> {
	await inTransaction(db, async (tx) => {
		const connected = (await listConnections(tx, person.id)).some((row) => row.provider_id === providerId);
		if (!connected) throw new AppError('conflict', 'Connect this provider first, then make it the default.');
		await savePreferred(tx, person, providerId);
	});
}

/** Makes a provider the default, or ends its being that. */
export async function changePreferred(tx: Db, person: Person, providerId: string, preferred: boolean): Promise<void> {
	const isPreferred = (await getPreferredProvider(tx, person.id)) === providerId;
	if (preferred === isPreferred) return;
	await savePreferred(tx, person, preferred ? providerId : null);
}

/** A person's first connection becomes the default, and shows that they have begun with connections. */
export async function welcomeConnection(tx: Db, person: Person, providerId: string): Promise<void> {
	const preferred = (await getPreferredProvider(tx, person.id)) ?? providerId;
	await saveSettings(tx, person.id, { preferred_provider_id: preferred, provider_auth_initialized: 1 });
}

/** What a connection that is gone was, another becomes: the account in use, and with the last account the default. */
export async function passOnRoles(tx: Db, person: Person, { provider_id: providerId }: ConnectionRow): Promise<void> {
	const rest = await listConnections(tx, person.id);
	const accounts = rest.filter((row) => row.provider_id === providerId);
	const [heir] = accounts;
	if (heir !== undefined && !accounts.some((row) => row.active === 1)) {
		await activate(tx, heir);
		await enqueueChange(tx, { ...heir, active: 1 });
	}
	if (accounts.length > 0) return;
	if ((await getPreferredProvider(tx, person.id)) !== providerId) return;
	await saveSettings(tx, person.id, { preferred_provider_id: rest[0]?.provider_id ?? null });
}

/** Makes a connection the one account of its provider that projects use. */
export async function activate(tx: Db, row: Pick<ConnectionRow, 'id' | 'user_id' | 'provider_id'>): Promise<void> {
	await tx
		.updateTable('provider_connections')
		.set((eb) => ({ active: eb.case().when('id', '=', row.id).then(1).else(0).end() }))
		.where('user_id', '=', row.user_id)
		.where('provider_id', '=', row.provider_id)
		.execute();
}

/** Throws `conflict` when the person has another connection of this provider with the same label or the same key. */
export async function requireUnique(
	db: Db,
	connection: Pick<ConnectionRow, 'id' | 'user_id' | 'provider_id' | 'label'>,
	keyHash: string | null,
	providerName: string,
): Promise<void> {
	const all = await listConnections(db, connection.user_id);
	const others = all.filter((row) => row.provider_id === connection.provider_id && row.id !== connection.id);
	const sameKey = keyHash === null ? undefined : others.find((row) => row.api_key_hash === keyHash);
	if (sameKey !== undefined) {
		throw new AppError('conflict', `This key is already connected to ${providerName}, as "${sameKey.label}".`);
	}
	if (others.some((row) => row.label === connection.label)) {
		throw new AppError(
			'conflict',
			`${providerName} already has a connection with the label "${connection.label}". Choose another label.`,
		);
	}
}

/** Audits a change of a credential and enqueues the job that brings it to the projects. */
export async function tellOfChange(
	tx: Db,
	person: Person,
	action: string,
	connection: Subject & Pick<ConnectionRow, 'version' | 'active'>,
	detail: AuditDetail,
): Promise<void> {
	await auditConnection(tx, person, action, connection, detail);
	await enqueueChange(tx, { ...connection, user_id: person.id });
}

/** Has a person's projects follow what became of a connection. */
export async function enqueueChange(
	tx: Db,
	row: Pick<ConnectionRow, 'id' | 'user_id' | 'version' | 'provider_id' | 'active'>,
): Promise<void> {
	const { id: connectionId, version, provider_id: providerId } = row;
	// More than the id: after a disconnect there is no row left to read it from.
	const payload = { connectionId, version, providerId, active: row.active === 1 };
	await enqueue(tx, { type: 'credentials.changed', payload, userId: row.user_id });
}

export async function auditConnection(
	tx: Db,
	person: Person,
	action: string,
	connection: Subject,
	detail: AuditDetail,
): Promise<void> {
	await recordAudit(tx, {
		actor: person.actor,
		userId: person.id,
		action,
		connectionId: connection.id,
		detail: { providerId: connection.provider_id, label: connection.label, ...detail },
	});
}

async function savePreferred(tx: Db, person: Person, providerId: string | null): Promise<void> {
	await saveSettings(tx, person.id, { preferred_provider_id: providerId });
	await recordAudit(tx, {
		actor: person.actor,
		userId: person.id,
		action: 'settings.preferredProvider',
		detail: { providerId },
	});
}

async function saveSettings(tx: Db, userId: string, settings: Settings): Promise<void> {
	const updated_at = Date.now();
	await tx
		.insertInto('user_settings')
		.values({ provider_auth_initialized: 0, ...settings, user_id: userId, updated_at })
		.onConflict((conflict) => conflict.column('user_id').doUpdateSet({ ...settings, updated_at }))
		.execute();
}
