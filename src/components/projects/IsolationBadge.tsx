import type { Isolation } from '#shared/projects.ts';
import { IsolationStatus } from '../ui/IsolationStatus.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';

/** How well the project is kept apart; why is said on focus and hover, and in full under Activity. */
export function IsolationBadge({ isolation: { level, reason } }: { isolation: Isolation }) {
	return (
		<Tooltip label={reason} side="bottom">
			<button type="button" className="shrink-0 rounded-sm">
				<IsolationStatus level={level} />
			</button>
		</Tooltip>
	);
}
