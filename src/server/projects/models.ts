import { type ConnectionView, isTroubled, type ModelChoice } from '#shared/providers.ts';
import { AppError } from '../errors.ts';

/** What a person can choose a model from: each connected provider with its models, best first. */
export type ConnectedProvider = {
	connection: Pick<
		ConnectionView,
		'providerId' | 'providerName' | 'preferred' | 'scripted' | 'status' | 'reason' | 'errorMessage'
	>;
	models: { id: string; name: string }[];
};

export function toModelChoices(providers: ConnectedProvider[]): ModelChoice[] {
	return providers.flatMap(({ connection, models }) =>
		models.map((model) => ({
			providerId: connection.providerId,
			providerName: connection.providerName,
			modelId: model.id,
			modelName: model.name,
			scripted: connection.scripted,
			trouble: troubleOf(connection),
		})),
	);
}

function troubleOf({ status, reason, errorMessage: message }: ConnectedProvider['connection']): ModelChoice['trouble'] {
	return isTroubled({ status, reason }) ? { status, reason, message } : null;
}

/**
 * The provider and model of a new project: what was asked for, or the preferred provider's best model.
 * Throws `invalid` when the provider is not connected, or does not have the model.
 */
export function chooseModel(
	providers: ConnectedProvider[],
	wish: { providerId?: string | undefined; modelId?: string | undefined },
): { providerId: string; modelId: string } {
	const provider = wish.providerId === undefined ? preferred(providers) : find(providers, wish.providerId);
	const { providerId, providerName } = provider.connection;
	const [best] = provider.models;
	if (best === undefined)
		throw new AppError('invalid', `${providerName} offers no model that can build a site. Choose another provider.`);
	if (wish.modelId !== undefined && !provider.models.some((model) => model.id === wish.modelId)) {
		throw new AppError(
			'invalid',
			`${providerName} has no model "${wish.modelId}". Choose one of its models, such as "${best.id}".`,
		);
	}
	return { providerId, modelId: wish.modelId ?? best.id };
}

function preferred(providers: ConnectedProvider[]): ConnectedProvider {
	const provider = providers.find(({ connection }) => connection.preferred) ?? providers[0];
	if (provider === undefined)
		throw new AppError('invalid', 'Connect a provider in Settings first; then describe your site.');
	return provider;
}

function find(providers: ConnectedProvider[], providerId: string): ConnectedProvider {
	const provider = providers.find(({ connection }) => connection.providerId === providerId);
	if (provider === undefined)
		throw new AppError(
			'invalid',
			`"${providerId}" is not connected. Connect it in Settings, or choose another provider.`,
		);
	return provider;
}
