/** Prints one row: the median, the 95th percentile and how many runs they are of. `bar` is what we aim for. */
export function printRow(name: string, values: number[], unit: 'ms' | 'MB', bar = ''): void {
	const row = [
		name.padEnd(52),
		`${median(values)} ${unit}`.padStart(12),
		`${percentile(values, 95)} ${unit}`.padStart(12),
	];
	console.log(`${row.join('')}${String(values.length).padStart(7)}   ${bar}`);
}

export function printHead(): void {
	console.log(`${'figure'.padEnd(52)}${'median'.padStart(12)}${'p95'.padStart(12)}${'runs'.padStart(7)}   aim`);
}

/** How long `work` takes, in ms. */
export async function time(work: () => Promise<unknown>): Promise<number> {
	const before = performance.now();
	await work();
	return performance.now() - before;
}

function median(values: number[]): string {
	return percentile(values, 50);
}

function percentile(values: number[], rank: number): string {
	const sorted = values.toSorted((one, other) => one - other);
	const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * rank) / 100))] ?? Number.NaN;
	return value < 100 ? value.toFixed(1) : Math.round(value).toString();
}
