import { LIMIT_FIELDS, type LimitName, type LimitValues, limitWords } from '#shared/limits.ts';
import { Field } from '../Field.tsx';
import { Input } from '../Input.tsx';
import { LIMIT_LABELS, type LimitErrors, type LimitsForm } from './limitsForm.ts';

type Props = {
	/** Those that the runtime keeps to; there is a field for each. */
	names: readonly LimitName[];
	form: LimitsForm;
	errors: LimitErrors;
	/** What holds where a field is left empty; without it none may be. */
	defaults?: LimitValues;
	disabled?: boolean;
	onChange: (form: LimitsForm) => void;
};

const HINTS: Record<LimitName, string> = {
	memory: 'For its agent, and as much again for its preview.',
	cpus: 'For its agent, and as many again for its preview.',
	disk: 'For its site, packages and history together.',
};

/** How much a project may use. */
export function LimitFields({ names, form, errors, defaults, disabled = false, onChange }: Props) {
	return names.map((name) => {
		const usual = defaults && limitWords(name, defaults[LIMIT_FIELDS[name]]);
		return (
			<Field
				key={name}
				label={LIMIT_LABELS[name]}
				optional={usual !== undefined}
				error={errors[name]}
				hint={usual === undefined ? HINTS[name] : `${HINTS[name]} Empty: ${usual}, as for all projects.`}
			>
				<Input
					inputMode="decimal"
					autoComplete="off"
					value={form[name]}
					disabled={disabled}
					onChange={(event) => onChange({ ...form, [name]: event.target.value })}
					maxLength={12}
				/>
			</Field>
		);
	});
}
