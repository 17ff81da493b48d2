import { Combobox as Base } from '@base-ui/react/combobox';
import { Check, ChevronsUpDown, Search } from 'lucide-react';
import { cx } from './cx.ts';
import { type ChoiceProps, choiceLook, type Option, toGroups } from './options.ts';
import { POPUP_ITEM, POPUP_LABEL } from './popup.ts';

/** A long list to choose one from, with a search field on top. */
export function Combobox({ label, value, onChange, options, placeholder, disabled, look, className }: ChoiceProps) {
	const groups = toGroups(options).map((group) => ({ value: group.label, items: group.options }));
	const chosen = groups.flatMap((group) => group.items).find((option) => option.value === value) ?? null;
	return (
		<Base.Root
			items={groups}
			value={chosen}
			disabled={disabled ?? false}
			itemToStringLabel={(option: Option) => `${option.text} ${option.value}`}
			isItemEqualToValue={(a: Option, b: Option) => a.value === b.value}
			onValueChange={(next: Option | null) => next !== null && onChange(next.value)}
		>
			<Base.Trigger
				aria-label={label && `${label}: ${chosen?.text ?? placeholder ?? 'none'}`}
				className={cx(choiceLook(look), className)}
			>
				<span className={cx('flex min-w-0 items-center gap-2', chosen === null && 'text-ink-faint')}>
					{chosen?.icon}
					<span className="truncate">{chosen?.label ?? chosen?.text ?? placeholder ?? 'Choose'}</span>
				</span>
				<ChevronsUpDown size={14} aria-hidden className="shrink-0 text-ink-faint" />
			</Base.Trigger>
			<Base.Portal>
				<Base.Positioner sideOffset={4} align="start" className="z-50 outline-none">
					<Base.Popup
						aria-label={label ?? 'Choose'}
						className="flex max-h-[min(24rem,var(--available-height))] w-[max(18rem,var(--anchor-width))] max-w-[calc(100vw-2rem)] flex-col overflow-hidden rounded-md border border-line bg-raised text-base text-ink shadow-raised transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0"
					>
						<div className="flex items-center gap-2 border-b border-line px-3 text-ink-faint">
							<Search size={14} aria-hidden />
							<Base.Input
								placeholder="Search"
								aria-label="Search"
								className="h-9 w-full bg-transparent text-[16px] text-ink outline-none sm:text-base"
							/>
						</div>
						<Base.Empty className="p-3 text-ink-faint empty:hidden">Nothing matches.</Base.Empty>
						<Base.List className="overflow-y-auto overscroll-contain p-1 outline-none empty:hidden">
							{renderGroup}
						</Base.List>
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}

function renderGroup(group: { value: string; items: Option[] }) {
	return (
		<Base.Group key={group.value} items={group.items}>
			{group.value && <Base.GroupLabel className={POPUP_LABEL}>{group.value}</Base.GroupLabel>}
			<Base.Collection>{renderItem}</Base.Collection>
		</Base.Group>
	);
}

function renderItem(option: Option) {
	return (
		<Base.Item key={option.value} value={option} className={cx(POPUP_ITEM, 'justify-between')}>
			<span className="flex min-w-0 items-center gap-2">
				{option.icon}
				<span className="min-w-0">
					<span className="block truncate">{option.label ?? option.text}</span>
					{option.hint && <span className="block truncate text-xs text-ink-faint">{option.hint}</span>}
				</span>
			</span>
			<Base.ItemIndicator>
				<Check size={14} aria-hidden />
			</Base.ItemIndicator>
		</Base.Item>
	);
}
