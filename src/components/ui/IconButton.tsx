import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx.ts';
import { Tooltip } from './Tooltip.tsx';

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children' | 'aria-label'> & {
	/** What it does, in words: its name for a screen reader and its tooltip. */
	label: string;
	icon: ReactNode;
	size?: 'sm' | 'md';
	/** Leave the tooltip out, where a menu or dialog opens right there. */
	quiet?: boolean;
	ref?: Ref<HTMLButtonElement> | undefined;
};

/** A square button with an icon. Works as the `trigger` of a Menu. */
export function IconButton({ label, icon, size = 'md', quiet, className, type = 'button', ...rest }: Props) {
	const button = (
		<button
			{...rest}
			type={type}
			aria-label={label}
			className={cx(
				'inline-flex shrink-0 items-center justify-center rounded-md text-ink-soft transition-colors hover:bg-sunken hover:text-ink aria-pressed:bg-sunken aria-pressed:text-ink data-popup-open:bg-sunken data-popup-open:text-ink disabled:opacity-55',
				size === 'sm' ? 'size-7' : 'size-9',
				className,
			)}
		>
			{icon}
		</button>
	);
	return quiet ? button : <Tooltip label={label}>{button}</Tooltip>;
}
