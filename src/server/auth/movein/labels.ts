import type { ConnectionRow } from '../connections.ts';

/**
 * Gives each new connection a label that its provider does not have yet: the usual one where it is the first, else one
 * that says where it came from. Labels that were given out once are taken.
 */
export function freeLabels(
	rows: readonly Pick<ConnectionRow, 'provider_id' | 'label'>[],
	origin: string,
): (providerId: string) => string {
	const taken = new Map<string, Set<string>>();
	for (const { provider_id: id, label } of rows) taken.set(id, (taken.get(id) ?? new Set()).add(label));
	return (providerId) => {
		const labels = taken.get(providerId) ?? new Set();
		let label = labels.size === 0 ? 'Default' : origin;
		for (let number = 2; labels.has(label); number++) label = `${origin} ${number}`;
		taken.set(providerId, labels.add(label));
		return label;
	};
}
