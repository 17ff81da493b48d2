import { Switch as Base } from '@base-ui/react/switch';

type Props = {
	checked: boolean;
	onChange: (checked: boolean) => void;
	label: string;
	hint?: string;
	disabled?: boolean;
};

/** On or off, with its words beside it; takes effect at once or with the form it stands in. */
export function Switch({ checked, onChange, label, hint, disabled = false }: Props) {
	return (
		// biome-ignore lint/a11y/noLabelWithoutControl: the switch renders its own input inside
		<label className="flex items-start gap-3">
			<Base.Root
				checked={checked}
				onCheckedChange={onChange}
				disabled={disabled}
				className="mt-px inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong bg-sunken p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:opacity-55"
			>
				<Base.Thumb className="size-3.5 rounded-full bg-ink-soft transition-transform data-checked:translate-x-4 data-checked:bg-accent-ink" />
			</Base.Root>
			<span className="min-w-0">
				<span className="block font-medium">{label}</span>
				{hint && <span className="mt-0.5 block text-sm text-ink-faint">{hint}</span>}
			</span>
		</label>
	);
}
