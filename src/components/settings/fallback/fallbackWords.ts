import type { ConnectionView, FallbackMode } from '#shared/providers.ts';

export const FALLBACK_CHOICES: { value: FallbackMode; label: string; hint: string }[] = [
	{
		value: 'automatic',
		label: 'Go on with the next provider',
		hint: 'The same prompt continues with the nearest model of the next one in your order. The chat says so.',
	},
	{ value: 'ask', label: 'Ask me first', hint: 'The prompt waits, and the chat offers to go on with the next one.' },
	{ value: 'off', label: 'Wait', hint: 'The prompt waits until its own provider works again.' },
];

/** Who may stand in, in the order of preference; the scripted demo stands in for nobody. */
export function fallbackOrder(connections: ConnectionView[]): ConnectionView[] {
	return connections.filter(({ scripted }) => !scripted);
}
