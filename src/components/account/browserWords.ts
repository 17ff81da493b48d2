const BROWSERS: [RegExp, string][] = [
	[/Edg\//, 'Edge'],
	[/OPR\//, 'Opera'],
	[/Firefox\//, 'Firefox'],
	[/Chrome\//, 'Chrome'],
	[/Safari\//, 'Safari'],
];

const SYSTEMS: [RegExp, string][] = [
	[/iPhone|iPad/, 'iOS'],
	[/Android/, 'Android'],
	[/Windows/, 'Windows'],
	[/Mac OS X/, 'macOS'],
	[/Linux/, 'Linux'],
];

/** "Firefox on Linux" for what a browser says of itself, and whether it is held in a hand. */
export function browserWords(userAgent: string | null): { name: string; phone: boolean } {
	const browser = find(BROWSERS, userAgent) ?? 'Unknown browser';
	const system = find(SYSTEMS, userAgent);
	return {
		name: system === undefined ? browser : `${browser} on ${system}`,
		phone: system === 'iOS' || system === 'Android',
	};
}

function find(table: [RegExp, string][], userAgent: string | null): string | undefined {
	return table.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
}
