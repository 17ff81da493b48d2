import type { ComponentProps } from 'react';
import { cx } from './cx.ts';

type Props = Omit<ComponentProps<'input'>, 'type' | 'className' | 'onChange'> & {
	onChange: (checked: boolean) => void;
	className?: string | undefined;
};

/** A box to tick, inside a label that says what for. */
export function Checkbox({ onChange, className, ...rest }: Props) {
	return (
		<input
			{...rest}
			type="checkbox"
			onChange={(event) => onChange(event.target.checked)}
			className={cx('size-4 shrink-0 accent-accent disabled:opacity-55', className)}
		/>
	);
}
