import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';

type Choice<T extends string> = { value: T; label: string; hint?: string };

type Props<T extends string> = {
	/** Its name for a screen reader. */
	label: string;
	value: T;
	onChange: (value: T) => void;
	choices: Choice<T>[];
};

/** One of a few choices that deserve a sentence each; arrow keys move between them. */
export function RadioList<T extends string>({ label, value, onChange, choices }: Props<T>) {
	return (
		<RadioGroup
			aria-label={label}
			value={value}
			onValueChange={(next) => onChange(next as T)}
			className="flex flex-col gap-3"
		>
			{choices.map((choice) => (
				// biome-ignore lint/a11y/noLabelWithoutControl: the radio renders its own input inside
				<label key={choice.value} className="flex items-start gap-3">
					<Radio.Root
						value={choice.value}
						className="mt-0.5 inline-flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface transition-colors data-checked:border-accent data-checked:bg-accent"
					>
						<Radio.Indicator className="size-1.5 rounded-full bg-accent-ink data-unchecked:hidden" />
					</Radio.Root>
					<span className="min-w-0">
						<span className="block font-medium">{choice.label}</span>
						{choice.hint && <span className="mt-0.5 block text-sm text-ink-faint">{choice.hint}</span>}
					</span>
				</label>
			))}
		</RadioGroup>
	);
}
