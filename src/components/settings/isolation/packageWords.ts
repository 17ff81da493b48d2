/** What the list does for projects, as far as anything holds them to it. */
export function reachWords(isHeld: boolean): string {
	const place = 'Each is also a place that a project can send data to.';
	return isHeld
		? `Projects connect to these hosts to install packages, and otherwise to their provider alone. ${place}`
		: 'Nothing holds projects to this list here: they reach the whole network. It takes effect once they are isolated.';
}

/** What it means that nobody is on the list. */
export function emptyWords(registry: string | null, isHeld: boolean): string {
	if (!isHeld) return 'No hosts.';
	return registry === null
		? 'No hosts: projects cannot install packages.'
		: 'No other hosts: packages come from the registry of this server alone.';
}

export function isSameList(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((host) => other.includes(host));
}

/** The host that a change has added, as the server writes it; undefined when it was there. */
export function addedHost(before: readonly string[], after: readonly string[]): string | undefined {
	return after.find((host) => !before.includes(host));
}
