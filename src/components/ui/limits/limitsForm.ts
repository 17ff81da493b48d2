import { LIMIT_FIELDS, type LimitBounds, type LimitName, type LimitValues, type OwnLimits } from '#shared/limits.ts';

/** What a person typed, by limit: gigabytes and cores; empty for none. */
export type LimitsForm = Record<LimitName, string>;
export type LimitErrors = Partial<Record<LimitName, string>>;

export const LIMIT_LABELS: Record<LimitName, string> = {
	memory: 'Memory, in GB',
	cpus: 'Processors, in cores',
	disk: 'Disk, in GB',
};

const MB_OF_GB = 1_024;

export function toLimitsForm(values: OwnLimits | LimitValues): LimitsForm {
	return {
		memory: inUnit('memory', values.memoryMb),
		cpus: inUnit('cpus', values.cpus),
		disk: inUnit('disk', values.diskMb),
	};
}

/** What was typed, or what is wrong with it. A limit that was left empty is null. */
export function readLimits(
	form: LimitsForm,
	{ bounds, names }: { bounds: LimitBounds; names: readonly LimitName[] },
): { values: Partial<OwnLimits>; errors: LimitErrors } {
	const values: Partial<OwnLimits> = {};
	const errors: LimitErrors = {};
	for (const name of names) {
		const field = LIMIT_FIELDS[name];
		const typed = readNumber(form[name]);
		const value = typed === null || name === 'cpus' ? typed : Math.round(typed * MB_OF_GB);
		const { min, max } = bounds[field];
		if (value === null || (value >= min && value <= max)) values[field] = value;
		else errors[name] = `Give a number from ${inUnit(name, min)} to ${inUnit(name, max)}.`;
	}
	return { values, errors };
}

/** A number with a point or a comma; null for nothing, NaN for anything else. */
export function readNumber(text: string): number | null {
	const tidy = text.trim().replace(',', '.');
	if (tidy === '') return null;
	return /^\d+(\.\d+)?$/.test(tidy) ? Number(tidy) : Number.NaN;
}

/** As it is typed. */
function inUnit(name: LimitName, value: number | null): string {
	if (value === null) return '';
	return String(name === 'cpus' ? value : Number((value / MB_OF_GB).toFixed(4)));
}
