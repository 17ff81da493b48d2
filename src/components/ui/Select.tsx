import { CSPProvider } from '@base-ui/react/csp-provider';
import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import { cx } from './cx.ts';
import { type ChoiceProps, choiceLook, type Option, toGroups } from './options.ts';
import { POPUP, POPUP_ITEM, POPUP_LABEL } from './popup.ts';

/** A short list to choose one from (up to about fifteen); longer ones deserve a Combobox, which has the same props. */
export function Select({ label, value, onChange, options, placeholder, disabled, look, className }: ChoiceProps) {
	const groups = toGroups(options);
	const items = groups.flatMap((group) => group.options).map((option) => ({ value: option.value, label: option.text }));
	return (
		<CSPProvider disableStyleElements>
			<Base.Root
				items={items}
				value={value}
				onValueChange={(next) => next !== null && onChange(next)}
				disabled={disabled}
			>
				<Base.Trigger aria-label={label} className={cx(choiceLook(look), className)}>
					<Base.Value className="truncate" placeholder={placeholder ?? 'Choose'} />
					<ChevronsUpDown size={14} aria-hidden className="shrink-0 text-ink-faint" />
				</Base.Trigger>
				<Base.Portal>
					<Base.Positioner
						role="region"
						aria-label="Choices"
						align="start"
						sideOffset={4}
						alignItemWithTrigger={false}
						className="z-50 outline-none"
					>
						<Base.Popup className={cx(POPUP, 'min-w-(--anchor-width)')}>
							{groups.map((group) => (
								<Base.Group key={group.label}>
									{group.label && <Base.GroupLabel className={POPUP_LABEL}>{group.label}</Base.GroupLabel>}
									{group.options.map((option) => (
										<SelectItem key={option.value} option={option} />
									))}
								</Base.Group>
							))}
						</Base.Popup>
					</Base.Positioner>
				</Base.Portal>
			</Base.Root>
		</CSPProvider>
	);
}

function SelectItem({ option }: { option: Option }) {
	return (
		<Base.Item value={option.value} className={cx(POPUP_ITEM, 'justify-between')}>
			<span className="flex min-w-0 items-center gap-2">
				{option.icon}
				<span className="min-w-0">
					<Base.ItemText>{option.label ?? option.text}</Base.ItemText>
					{option.hint && <span className="block text-xs text-ink-faint">{option.hint}</span>}
				</span>
			</span>
			<Base.ItemIndicator>
				<Check size={14} aria-hidden />
			</Base.ItemIndicator>
		</Base.Item>
	);
}
