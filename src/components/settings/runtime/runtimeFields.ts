import { LIMIT_FIELDS, type LimitValues } from '#shared/limits.ts';
import type { RuntimeSettings, RuntimeView } from '#shared/runtime.ts';
import { type LimitErrors, type LimitsForm, readLimits, readNumber, toLimitsForm } from '../../ui/limits/limitsForm.ts';

/** What a person typed. */
export type RuntimeFields = { pause: string; stop: string; limits: LimitsForm };
export type RuntimeErrors = { pause?: string; stop?: string; limits: LimitErrors };
type Change = { pauseAfterMinutes: number; stopAfterHours: number; defaults: Partial<LimitValues> };

const TIME = 'Give a number such as 15, or 0 for never.';

export function toRuntimeFields({ pauseAfterMinutes, stopAfterHours, defaults }: RuntimeSettings): RuntimeFields {
	return { pause: String(pauseAfterMinutes), stop: String(stopAfterHours), limits: toLimitsForm(defaults) };
}

/** What is to be saved; null while something is wrong. */
export function readRuntime(
	fields: RuntimeFields,
	{ keeps, bounds }: Pick<RuntimeView, 'keeps' | 'bounds'>,
): { change: Change | null; errors: RuntimeErrors } {
	const { values, errors: limits } = readLimits(fields.limits, { bounds, names: keeps });
	for (const name of keeps)
		if (values[LIMIT_FIELDS[name]] === null) limits[name] = 'Projects without a limit of their own need this one.';
	const [pause, stop] = [readNumber(fields.pause), readNumber(fields.stop)];
	const errors: RuntimeErrors = { limits };
	if (!isTime(pause)) errors.pause = TIME;
	if (!isTime(stop)) errors.stop = TIME;
	if (!isTime(pause) || !isTime(stop) || Object.keys(limits).length > 0) return { change: null, errors };
	return {
		change: { pauseAfterMinutes: pause, stopAfterHours: stop, defaults: values as Partial<LimitValues> },
		errors,
	};
}

function isTime(value: number | null): value is number {
	return value !== null && !Number.isNaN(value);
}
