import type { ReactNode } from 'react';
import { StatusBadge, type Tone } from '../../ui/StatusBadge.tsx';
import { Time } from '../../ui/Time.tsx';

export type ProjectLine = {
	projectId: string;
	name: string;
	/** Absent where the project is gone. */
	href?: string;
	tone: Tone;
	words: string;
	detail: ReactNode;
	at?: string | null;
};

/** Projects with how each of them stands. */
export function ProjectLines({ label, lines }: { label: string; lines: ProjectLine[] }) {
	return (
		<ul aria-label={label} className="divide-y divide-line">
			{lines.map(({ projectId, name, href, tone, words, detail, at }) => (
				<li key={projectId} className="flex items-start justify-between gap-3 py-2 first:pt-0 last:pb-0">
					<div className="min-w-0">
						{href === undefined ? (
							<span className="text-ink-soft">{name}</span>
						) : (
							<a href={href} className="font-medium underline decoration-line-strong underline-offset-2">
								{name}
							</a>
						)}
						{detail && <p className="text-sm text-ink-soft">{detail}</p>}
					</div>
					<div className="flex shrink-0 flex-col items-end gap-0.5">
						<StatusBadge tone={tone}>{words}</StatusBadge>
						{at != null && <Time at={at} className="text-xs text-ink-faint" />}
					</div>
				</li>
			))}
		</ul>
	);
}
