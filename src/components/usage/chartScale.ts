/** The top of a chart's axis: the next of 1, 2, 5, 10, 20… at or above the largest value; 1 where all are 0. */
export function axisTop(values: readonly number[]): number {
	const largest = Math.max(0, ...values);
	if (largest === 0) return 1;
	const magnitude = 10 ** Math.floor(Math.log10(largest));
	const step = [1, 2, 5, 10].find((factor) => factor * magnitude >= largest * (1 - 1e-9)) ?? 10;
	return step * magnitude;
}

export type Bar = { x: number; width: number; y: number; height: number };

/** One bar for each value, in a box of 100 × 100 with the origin at the top left. Nothing is drawn thinner than 1 %. */
export function layBars(values: readonly number[], top: number): Bar[] {
	const slot = 100 / Math.max(1, values.length);
	const gap = values.length > 120 ? 0 : slot * 0.2;
	return values.map((value, at) => {
		const height = value === 0 ? 0 : Math.max(1, (value / top) * 100);
		return { x: at * slot + gap / 2, width: slot - gap, y: 100 - height, height };
	});
}
