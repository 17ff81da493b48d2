import { Input as Base } from '@base-ui/react/input';
import type { ComponentProps } from 'react';
import { cx } from './cx.ts';

/** The edge and focus of everything one types into. 16 px on a phone, where smaller text makes the browser zoom in. */
export const CONTROL =
	'w-full rounded-md border border-line-strong/60 bg-surface px-3 text-[16px] text-ink transition-colors hover:border-line-strong focus-visible:border-accent-text focus-visible:outline-offset-0 disabled:opacity-55 data-invalid:border-bad sm:text-base';

type Props = Omit<ComponentProps<typeof Base>, 'className'> & {
	className?: string | undefined;
	mono?: boolean | undefined;
};

/** One line of text. Inside a Field it gets its label, hint and error by itself. */
export function Input({ className, mono, ...rest }: Props) {
	return <Base {...rest} className={cx(CONTROL, 'h-9', mono && 'font-mono', className)} />;
}
