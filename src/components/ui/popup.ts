/** The look that menus, selects and comboboxes share. */
export const POPUP =
	'max-h-[min(24rem,var(--available-height))] overflow-y-auto rounded-md border border-line bg-raised p-1 text-base text-ink shadow-raised outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0';

export const POPUP_ITEM =
	'flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1 outline-none select-none data-disabled:opacity-55 data-highlighted:bg-sunken';

export const POPUP_LABEL = 'px-2 pt-2 pb-1 text-xs font-medium text-ink-faint';
