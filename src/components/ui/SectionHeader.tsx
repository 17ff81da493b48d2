import type { ReactNode } from 'react';

type Props = { id: string; title: string; children?: ReactNode; action?: ReactNode };

/** The head of a part of a page; give the part `aria-labelledby={id}`. */
export function SectionHeader({ id, title, children, action }: Props) {
	return (
		<div className="mb-4 flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
			<div className="min-w-0">
				<h2 id={id} className="text-lg font-semibold">
					{title}
				</h2>
				{children && <p className="mt-0.5 text-ink-soft">{children}</p>}
			</div>
			{action}
		</div>
	);
}
