import type { ReactNode } from 'react';

type Props = { icon?: ReactNode; title: string /** What to do next. */; children?: ReactNode; action?: ReactNode };

export function EmptyState({ icon, title, children, action }: Props) {
	return (
		<div className="flex flex-col items-center gap-1 px-4 py-10 text-center">
			{icon && <span className="mb-2 text-ink-faint">{icon}</span>}
			<p className="font-medium">{title}</p>
			{children && <div className="max-w-sm text-pretty text-ink-soft">{children}</div>}
			{action && <div className="mt-3">{action}</div>}
		</div>
	);
}
