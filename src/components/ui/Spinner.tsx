import { LoaderCircle } from 'lucide-react';
import { cx } from './cx.ts';

type Props = {
	size?: number;
	className?: string /** What is being waited for; leave out beside words that say it. */;
	label?: string;
};

export function Spinner({ size = 16, className, label }: Props) {
	return (
		<span role={label ? 'status' : undefined} className={cx('inline-flex items-center gap-2', className)}>
			<LoaderCircle size={size} aria-hidden className="animate-spin motion-reduce:animate-none" />
			{label}
		</span>
	);
}
