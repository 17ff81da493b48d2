import { Field as Base } from '@base-ui/react/field';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

type Props = {
	label: string;
	hint?: ReactNode;
	/** The one place where this field's failure is said. */
	error?: string | null | undefined;
	optional?: boolean | undefined;
	/** Shown at the right end of the label's line, such as a link. */
	aside?: ReactNode;
	/** Keep the label for screen readers only. */
	hideLabel?: boolean | undefined;
	className?: string | undefined;
	/** One Input, Textarea, Select or Switch. */
	children: ReactNode;
};

/** A control with its label, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, optional, aside, hideLabel, className, children }: Props) {
	return (
		<Base.Root invalid={Boolean(error)} className={cx('flex min-w-0 flex-col gap-1.5', className)}>
			<div className={cx('flex items-baseline justify-between gap-3', hideLabel && 'sr-only')}>
				<Base.Label className="font-medium text-ink">
					{label}
					{optional && <span className="ml-1.5 font-normal text-ink-faint">optional</span>}
				</Base.Label>
				{aside}
			</div>
			{children}
			<div aria-live="polite" className="empty:hidden">
				{error && (
					<Base.Error match className="flex gap-1.5 text-sm text-bad">
						<CircleAlert size={14} aria-hidden className="mt-0.5 shrink-0" />
						<span className="min-w-0">{error}</span>
					</Base.Error>
				)}
			</div>
			{hint && <Base.Description className="text-sm text-ink-faint">{hint}</Base.Description>}
		</Base.Root>
	);
}
