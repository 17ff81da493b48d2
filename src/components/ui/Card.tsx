import type { ReactNode } from 'react';
import { cx } from './cx.ts';

type Props = {
	children: ReactNode;
	className?: string | undefined /** Leaves out the padding: for lists and tables. */;
	flush?: boolean;
};

export function Card({ children, className, flush }: Props) {
	return <div className={cx('rounded-lg border border-line bg-surface', !flush && 'p-5', className)}>{children}</div>;
}
