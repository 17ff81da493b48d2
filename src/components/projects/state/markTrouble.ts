import type { LiveEvent } from '#shared/live.ts';
import type { ModelChoice } from '#shared/providers.ts';

/** The models after a live event: those of a provider whose account in use got into trouble, or out of it, say so. */
export function markTrouble(models: ModelChoice[], event: LiveEvent): ModelChoice[] {
	if (event.type !== 'connection.changed' || !event.connection.active) return models;
	const { providerId, status, reason, errorMessage } = event.connection;
	const trouble = status === 'connected' ? null : { status, reason, message: errorMessage };
	return models.map((model) => (model.providerId === providerId ? { ...model, trouble } : model));
}
