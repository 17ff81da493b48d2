import { ShieldAlert, ShieldCheck } from 'lucide-react';
import type { Isolation } from '#shared/projects.ts';
import { StatusBadge } from '../ui/StatusBadge.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';

/** What each level is called, wherever it is shown. */
export const ISOLATION_WORDS: Record<Isolation['level'], string> = {
	isolated: 'Isolated',
	partly: 'Partly isolated',
	not: 'Not isolated on this machine',
};

/** How well the project is kept apart; why is said on focus and hover, and in full under Activity. */
export function IsolationBadge({ isolation: { level, reason } }: { isolation: Isolation }) {
	const isWhole = level === 'isolated';
	return (
		<Tooltip label={reason} side="bottom">
			<button type="button" className="shrink-0 rounded-sm">
				<StatusBadge tone={isWhole ? 'ok' : 'warn'} icon={isWhole ? ShieldCheck : ShieldAlert}>
					{ISOLATION_WORDS[level]}
				</StatusBadge>
			</button>
		</Tooltip>
	);
}
