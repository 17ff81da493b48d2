import type { ReactNode } from 'react';

/** One thing to choose; `text` is what typing finds, and what is shown without `label`. */
export type Option = { value: string; text: string; label?: ReactNode; hint?: string; icon?: ReactNode };
export type OptionGroup = { label: string; options: Option[] };

export type ChoiceProps = {
	/** Its name for a screen reader; leave out inside a Field. */
	label?: string | undefined;
	value: string | null;
	onChange: (value: string) => void;
	/** Either plain options or groups with a heading. */
	options: Option[] | OptionGroup[];
	placeholder?: string | undefined;
	disabled?: boolean | undefined;
	/** `ghost` has no edge until it is pointed at: for bars and composers. */
	look?: 'control' | 'ghost' | undefined;
	className?: string | undefined;
};

/** Plain options become one group without a heading. */
export function toGroups(options: Option[] | OptionGroup[]): OptionGroup[] {
	const groups = options.filter((entry): entry is OptionGroup => 'options' in entry);
	const plain = options.filter((entry): entry is Option => !('options' in entry));
	return plain.length > 0 ? [{ label: '', options: plain }, ...groups] : groups;
}

export function choiceLook(look: ChoiceProps['look']): string {
	const shape =
		'inline-flex items-center justify-between gap-2 rounded-md border transition-colors disabled:opacity-55';
	return look === 'ghost'
		? `${shape} h-7 border-transparent px-2 text-sm text-ink-soft hover:bg-sunken hover:text-ink data-popup-open:bg-sunken`
		: `${shape} h-9 w-full border-line-strong/60 bg-surface px-3 text-base hover:border-line-strong data-invalid:border-bad data-placeholder:text-ink-faint`;
}
