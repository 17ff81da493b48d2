import { actions } from 'astro:actions';
import { RotateCw } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { LoadFailure } from '../../ui/LoadFailure.tsx';
import { Select } from '../../ui/Select.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useLoaded } from '../../ui/useLoaded.ts';

type Source = 'opencode' | 'preview';

const SOURCES = [
	{ value: 'preview', text: 'Preview server' },
	{ value: 'opencode', text: 'Agent (OpenCode)' },
];

/** What the project's two processes have written, newest at the end. */
export function Logs({ projectId }: { projectId: string }) {
	const [source, setSource] = useState<Source>('preview');
	const logs = useLoaded(() => actions.projects.logs({ projectId, process: source }), `${projectId} ${source}`);
	return (
		<div className="flex h-full min-h-0 flex-col">
			<div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5">
				<Select
					label="Process"
					look="ghost"
					value={source}
					options={SOURCES}
					onChange={(value) => setSource(value === 'opencode' ? 'opencode' : 'preview')}
				/>
				<Button
					size="sm"
					variant="ghost"
					busy={logs.loading}
					icon={<RotateCw size={14} aria-hidden />}
					onClick={logs.reload}
					className="ml-auto"
				>
					Refresh
				</Button>
			</div>
			{logs.error !== null && <LoadFailure error={logs.error} onRetry={logs.reload} />}
			{logs.error === null && logs.data === null && <Spinner label="Reading the log" className="p-4 text-ink-soft" />}
			{logs.error === null && logs.data !== null && <Lines lines={logs.data.lines} />}
		</div>
	);
}

function Lines({ lines }: { lines: string[] }) {
	const box = useRef<HTMLPreElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to go to the end
	useLayoutEffect(() => {
		box.current?.scrollTo({ top: box.current.scrollHeight });
	}, [lines]);
	if (lines.length === 0)
		return <p className="p-4 text-ink-faint">This process has written nothing since it started.</p>;
	return (
		<pre
			ref={box}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
			tabIndex={0}
			role="log"
			aria-live="off"
			aria-label="What the process wrote"
			className="min-h-0 flex-1 overflow-auto p-3 font-mono text-xs whitespace-pre-wrap"
		>
			{lines.join('\n')}
		</pre>
	);
}
