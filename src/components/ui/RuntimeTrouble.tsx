import { actions } from 'astro:actions';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { callAction } from './callAction.ts';
import { cx } from './cx.ts';
import { useLive } from './useLive.ts';

type Props = {
	/** Why nothing can be started, as it was when the page was made. */
	trouble: string | null;
	/** The project whose page it stands on, over its whole width; a box of its own elsewhere. */
	projectId?: string;
};

/** Why projects cannot be started now, and what to do; goes away by itself. */
export function RuntimeTrouble({ trouble: first, projectId }: Props) {
	const [trouble, setTrouble] = useState(first);
	useLive((event) => {
		if (event.type === 'runtime.changed') setTrouble(event.trouble);
		// It may have changed since the page was made, or while nobody listened.
		else if (event.type === 'hello') void reload(setTrouble);
	}, projectId);
	return (
		<div role="status" className="empty:hidden">
			{trouble !== null && (
				<div
					className={cx(
						'flex items-start gap-3 border-line bg-warn-soft px-4 py-3',
						projectId === undefined ? 'mb-8 rounded-lg border' : 'border-b',
					)}
				>
					<TriangleAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-warn" />
					<div className="min-w-0">
						<p className="font-medium">Projects cannot run now</p>
						<p className="mt-0.5 text-pretty break-words text-ink-soft">
							{trouble} What has to be done waits meanwhile.
						</p>
					</div>
				</div>
			)}
		</div>
	);
}

async function reload(setTrouble: (trouble: string | null) => void): Promise<void> {
	const result = await callAction(actions.settings.getRuntime());
	if (result.ok) setTrouble(result.data.trouble);
}
