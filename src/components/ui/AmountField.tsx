import { Field } from './Field.tsx';
import { Input } from './Input.tsx';

type Props = {
	label: string;
	hint?: string | undefined;
	error?: string | null | undefined;
	optional?: boolean | undefined;
	placeholder?: string | undefined;
	/** As it was typed: whether it is a number is for who reads the form to say. */
	value: string;
	onChange: (value: string) => void;
};

/** A field for a number that is typed. */
export function AmountField({ label, hint, error, optional, placeholder, value, onChange }: Props) {
	return (
		<Field label={label} hint={hint} error={error} optional={optional}>
			<Input
				inputMode="decimal"
				autoComplete="off"
				placeholder={placeholder}
				value={value}
				onChange={(event) => onChange(event.target.value)}
				maxLength={12}
			/>
		</Field>
	);
}
