import type { ReactNode } from 'react';
import { cx } from './cx.ts';

type Props = {
	tone?: 'neutral' | 'accent' | 'ok' | 'busy' | 'waiting' | 'warn' | 'bad' | 'off';
	icon?: ReactNode;
	children: ReactNode;
	className?: string;
};

const TONES: Record<NonNullable<Props['tone']>, string> = {
	neutral: 'bg-sunken text-ink-soft',
	accent: 'bg-accent-soft text-accent-text',
	ok: 'bg-ok-soft text-ok',
	busy: 'bg-busy-soft text-busy',
	waiting: 'bg-sunken text-ink-soft',
	warn: 'bg-warn-soft text-warn',
	bad: 'bg-bad-soft text-bad',
	off: 'bg-sunken text-ink-soft',
};

export function Badge({ tone = 'neutral', icon, children, className }: Props) {
	return (
		<span
			className={cx(
				'inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
				TONES[tone],
				className,
			)}
		>
			{icon}
			{children}
		</span>
	);
}
