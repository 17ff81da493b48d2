import type { LiveEvent } from '#shared/live.ts';
import { isTroubled, type ModelChoice } from '#shared/providers.ts';

/** The models after a live event: those of a provider whose account in use got into trouble, or out of it, say so. */
export function markTrouble(models: ModelChoice[], event: LiveEvent): ModelChoice[] {
	if (event.type !== 'connection.changed' || !event.connection.active) return models;
	const { providerId, status, reason, errorMessage } = event.connection;
	const trouble = isTroubled({ status, reason }) ? { status, reason, message: errorMessage } : null;
	return models.map((model) => (model.providerId === providerId ? { ...model, trouble } : model));
}
