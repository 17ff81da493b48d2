import { recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { resumeWaiting } from '#server/queue/enqueue.ts';
import { activate, type Person, tellOfChange } from '../connectionChanges.ts';
import { type ConnectionRow, getConnection, listConnections } from '../connections.ts';
import { isLegacyConnectionId } from '../legacy/legacyKey.ts';

/**
 * Makes a connection the one account of its provider that projects use. Its version stays: a project that holds another
 * account's credential sees by the connection's id that it has to be given this one. Returns the provider's accounts.
 */
export async function activateConnection(db: Db, person: Person, connectionId: string): Promise<ConnectionRow[]> {
	return inTransaction(db, async (tx) => {
		const row = await getConnection(tx, person.id, connectionId);
		const accounts = (await listConnections(tx, person.id)).filter((other) => other.provider_id === row.provider_id);
		if (row.active === 1) return accounts;
		await activate(tx, row);
		const former = accounts.filter((other) => other.active === 1);
		await tellOfChange(tx, person, 'connection.activated', row, { insteadOf: former[0]?.label ?? null });
		// What waits for the former account can go on with this one.
		for (const { id } of former) await resumeWaiting(tx, { connectionId: id });
		return (await listConnections(tx, person.id)).filter((other) => other.provider_id === row.provider_id);
	});
}

/**
 * Puts a person's connections into this order of preference. Throws `conflict` unless all of them are named, once; a
 * legacy key is always the last, named or not.
 */
export async function orderConnections(db: Db, person: Person, connectionIds: string[]): Promise<ConnectionRow[]> {
	return inTransaction(db, async (tx) => {
		const known = new Set((await listConnections(tx, person.id)).map(({ id }) => id).filter(isOrdered));
		const wanted = connectionIds.filter(isOrdered);
		const isComplete = wanted.length === known.size && new Set(wanted).size === known.size;
		if (!isComplete || wanted.some((id) => !known.has(id)))
			throw new AppError('conflict', 'Your connections have changed meanwhile: look at the list again, then order it.');
		for (const [index, id] of wanted.entries()) {
			await tx
				.updateTable('provider_connections')
				.set({ position: index + 1 })
				.where('id', '=', id)
				.execute();
		}
		await recordAudit(tx, {
			actor: person.actor,
			userId: person.id,
			action: 'settings.connectionOrder',
			detail: { order: wanted.join(' ') },
		});
		return listConnections(tx, person.id);
	});
}

function isOrdered(connectionId: string): boolean {
	return !isLegacyConnectionId(connectionId);
}
