import { AppError } from '#server/errors.ts';
import type { Delivery } from '#shared/providers.ts';
import { type ConnectionRow, DEMO_PROVIDER_ID, metadataOf } from '../connections.ts';
import type { DirectoryProvider, ProviderDirectory } from '../input/directory.ts';
import { findKnown } from '../input/known.ts';
import { PROVIDERS, SDKS, type Sealing, SIGN_INS } from './sdks.ts';

/** What has to be known of a provider of the catalogue; some of its models have another SDK than itself. */
type KnownSdk = Pick<DirectoryProvider, 'npm' | 'models'>;

type Subject = Pick<ConnectionRow, 'provider_id' | 'auth_type' | 'metadata'>;

/** Why a connection's credential cannot stay outside projects, as a sentence; undefined when it can. */
export function whyNotSealed(known: KnownSdk | undefined, row: Subject): string | undefined {
	const unsealable = sealingsOf(known, row).find((sealing) => 'cannot' in sealing);
	return unsealable === undefined || !('cannot' in unsealable)
		? undefined
		: `It cannot stay outside projects: ${unsealable.cannot}.`;
}

/** How a credential reaches projects unless the person wants it otherwise. */
export function usualDelivery(known: KnownSdk | undefined, row: Subject): Delivery {
	return whyNotSealed(known, row) === undefined ? 'sealed' : 'direct';
}

/**
 * How a credential reaches projects: the one place that decides. Sealed where the gateway can stand in for the provider,
 * unless the person wants it otherwise. Throws `AppError('invalid')` for what was asked for and cannot be.
 */
export async function chooseDelivery(
	directory: ProviderDirectory,
	row: Subject,
	requested: Delivery | undefined,
): Promise<Delivery> {
	const known = await findKnown(directory, row.provider_id);
	const reason = whyNotSealed(known, row);
	if (reason !== undefined && requested === 'sealed')
		throw new AppError('invalid', `${reason} Choose "direct" for it.`);
	return requested ?? usualDelivery(known, row);
}

/** One for each SDK that a connection's models need. */
export function sealingsOf(known: KnownSdk | undefined, row: Subject): Sealing[] {
	const { provider_id: providerId, auth_type: authType } = row;
	if (providerId === DEMO_PROVIDER_ID) return [{ formats: ['chat-completions'] }];
	if (authType === 'wellknown') return [{ cannot: 'an organisation decides where its token is sent' }];
	if (authType === 'oauth') return [SIGN_INS[providerId] ?? { cannot: 'its sign-in is used by OpenCode itself' }];
	const format = metadataOf(row).custom?.format ?? null;
	if (format !== null) return [{ formats: [format] }];
	const fixed = PROVIDERS[providerId];
	if (fixed !== undefined) return [fixed];
	return [...new Set(sdksOf(known))].map((sdk) => SDKS[sdk] ?? { cannot: `nothing is known here of its SDK ${sdk}` });
}

function sdksOf(known: KnownSdk | undefined): string[] {
	const usual = known?.npm ?? '@ai-sdk/openai-compatible';
	const others = (known?.models ?? []).map(({ provider }) => provider?.npm ?? usual);
	return [usual, ...others];
}
