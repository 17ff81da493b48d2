import type { LocalServer } from '#shared/localServers.ts';
import type { ConnectProviderInput } from '#shared/providers.ts';

/** Not the catalogue's id of LM Studio: that one brings models along that nobody has downloaded. */
const IDS: Record<LocalServer['kind'], string> = { ollama: 'ollama', lmstudio: 'lm-studio' };

/** The custom endpoint that a found server is. */
export function localInput({ kind, name, baseUrl, models }: LocalServer): ConnectProviderInput {
	return {
		providerId: IDS[kind],
		authType: 'api',
		custom: { name, baseURL: baseUrl ?? '', models, local: true, format: 'chat-completions' },
	};
}

export function modelWords({ models }: Pick<LocalServer, 'models'>): string {
	const names = models.slice(0, 3).map((model) => model.name);
	const more = models.length - names.length;
	return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
