import { cx } from './cx.ts';

/** Holds the place of something that is on its way; give it the size of what comes. */
export function Skeleton({ className }: { className?: string }) {
	return <div aria-hidden className={cx('animate-pulse rounded-sm bg-sunken motion-reduce:animate-none', className)} />;
}
