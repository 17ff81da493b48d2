import { LIMIT_FIELDS, type LimitName, type LimitValues, limitWords } from '#shared/limits.ts';
import { AmountField } from '../AmountField.tsx';
import { LIMIT_LABELS, type LimitErrors, type LimitsForm } from './limitsForm.ts';

type Props = {
	/** Those that the runtime keeps to; there is a field for each. */
	names: readonly LimitName[];
	form: LimitsForm;
	errors: LimitErrors;
	/** What holds where a field is left empty; without it none may be. */
	defaults?: LimitValues;
	onChange: (form: LimitsForm) => void;
};

const HINTS: Record<LimitName, string> = {
	memory: 'For its agent, and as much again for its preview.',
	cpus: 'For its agent, and as many again for its preview.',
	disk: 'For its site, packages and history together.',
};

/** How much a project may use. */
export function LimitFields({ names, form, errors, defaults, onChange }: Props) {
	return names.map((name) => {
		const usual = defaults && limitWords(name, defaults[LIMIT_FIELDS[name]]);
		return (
			<AmountField
				key={name}
				label={LIMIT_LABELS[name]}
				optional={usual !== undefined}
				error={errors[name]}
				hint={usual === undefined ? HINTS[name] : `${HINTS[name]} Empty: ${usual}, as for all projects.`}
				value={form[name]}
				onChange={(value) => onChange({ ...form, [name]: value })}
			/>
		);
	});
}
