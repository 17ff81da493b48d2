import type { ConnectProviderInput } from '#shared/providers.ts';
import type { WellKnownPreview, WellKnownProvider } from '#shared/wellKnown.ts';

export type WellKnownForm = {
	url: string;
	local: boolean;
	token: string;
	label: string;
	/** Ids of the providers to connect. */
	chosen: string[];
};

export const EMPTY_FORM: WellKnownForm = { url: '', local: false, token: '', label: '', chosen: [] };

/** Every provider that can be connected, chosen at first. */
export function connectable({ providers }: WellKnownPreview): WellKnownProvider[] {
	return providers.filter(({ unavailable }) => unavailable === null);
}

/** What is missing before anything is sent, in words; null when nothing is. */
export function missingWords(preview: WellKnownPreview, { token, chosen }: WellKnownForm): string | null {
	if (!preview.needsToken && chosen.length === 0) return 'Choose at least one provider.';
	return token.trim() === '' ? 'Paste the token first.' : null;
}

/** One connection for each chosen provider, in the document's order. */
export function connectInputs(
	preview: WellKnownPreview,
	form: WellKnownForm,
	skipTest: boolean,
): ConnectProviderInput[] {
	const label = form.label.trim();
	return connectable(preview)
		.filter(({ id }) => form.chosen.includes(id))
		.map(({ id }) => ({
			providerId: id,
			authType: 'wellknown',
			url: preview.url,
			token: form.token.trim(),
			...(form.local ? { local: true } : {}),
			...(label === '' ? {} : { label }),
			...(skipTest ? { skipTest } : {}),
		}));
}

/** A provider of the preview in one line. */
export function providerWords({ baseUrl, models }: WellKnownProvider): string {
	const names = models.slice(0, 3).map(({ name }) => name);
	const more = models.length - names.length;
	const listed = names.length === 0 ? 'no models' : [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
	return `${baseUrl ?? 'The provider’s own address'} · ${listed}`;
}
