import type { AvailableProvider } from '#shared/providers.ts';

/** How well a provider fits what was typed: 0 not at all; then the id, inside the name, a word's start, the name's start. */
export function rankProvider({ id, name }: Pick<AvailableProvider, 'id' | 'name'>, search: string): number {
	const wanted = search.trim().toLowerCase();
	const written = name.toLowerCase();
	if (wanted === '' || id === wanted || written.startsWith(wanted)) return 4;
	if (written.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 3;
	if (written.includes(wanted)) return 2;
	return id.includes(wanted) ? 1 : 0;
}
