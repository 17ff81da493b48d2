import type { ConnectionProject, ReceiptView } from '#shared/receipts.ts';
import { Progress } from '../../ui/Progress.tsx';
import { ProjectLines } from './ProjectLines.tsx';
import { removalOf } from './removal.ts';

type Props = { before: ConnectionProject[]; receipts: ReceiptView[] };

/** A disconnect on its way: project by project, until the last has shown that it has no key any more. */
export function RemovalProgress({ before, receipts }: Props) {
	const { lines, removed, total, waiting } = removalOf(before, receipts);
	const words = total === 0 ? 'No running project held it' : `Removed from ${removed} of ${total} projects`;
	return (
		<div className="flex flex-col gap-4">
			{total > 0 && (
				<Progress label="Removing it from projects" value={removed} max={total} text={`${removed} of ${total}`} />
			)}
			{lines.length > 0 && (
				<ProjectLines
					label="Projects"
					lines={lines.map((line) => ({ ...line, href: `/projects/${line.projectId}` }))}
				/>
			)}
			<div role="status" className="text-ink-soft">
				<p className="font-medium text-ink">{words}.</p>
				{waiting !== null && <p className="mt-0.5">{waiting}</p>}
			</div>
		</div>
	);
}
