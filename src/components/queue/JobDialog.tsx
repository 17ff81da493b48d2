import { actions } from 'astro:actions';
import { useState } from 'react';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../ui/Button.tsx';
import { callAction, type Result } from '../ui/callAction.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { JobLog } from '../ui/JobLog.tsx';
import { JobStateBadge } from '../ui/JobStateBadge.tsx';
import { LoadFailure } from '../ui/LoadFailure.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { useLive } from '../ui/useLive.ts';
import { useLoaded } from '../ui/useLoaded.ts';
import { isOpen, isRetryable } from './jobList.ts';

type Props = {
	jobId: string /** As the list shows it now; gone when it is filtered out. */;
	job: JobView | undefined;
	onClose: () => void;
};

/** A job with its log and payload, which holds ids only. */
export function JobDialog({ jobId, job, onClose }: Props) {
	const loaded = useLoaded(() => actions.queue.get({ jobId }), `${jobId} ${job?.state}`);
	const [error, setError] = useState<string | null>(null);
	useLive((event) => {
		if (event.type === 'job.event' && event.jobId === jobId) loaded.reload();
	});
	const run = async (answer: Promise<Result<unknown>>) => {
		const result = await answer;
		setError(result.ok ? null : result.message);
		if (result.ok) loaded.reload();
	};
	const shown = loaded.data?.job;
	const current = job ?? shown;
	const cancel = current && isOpen(current) && (
		<Button onClick={() => void run(callAction(actions.queue.cancel({ jobId })))}>Cancel job</Button>
	);
	const retry = current && isRetryable(current) && (
		<Button variant="primary" onClick={() => void run(callAction(actions.queue.retry({ jobId })))}>
			Retry
		</Button>
	);
	const footer = cancel || retry;
	return (
		<Dialog
			open
			onOpenChange={(open) => !open && onClose()}
			title={<span className="font-mono text-base">{current?.type ?? 'Job'}</span>}
			description={current?.projectName ?? undefined}
			footer={footer}
		>
			{loaded.error !== null && <LoadFailure error={loaded.error} onRetry={loaded.reload} />}
			{shown === undefined && loaded.error === null && <Spinner label="Reading the job" className="text-ink-soft" />}
			{shown && current && (
				<div className="flex flex-col gap-4">
					<div className="flex items-center gap-3">
						<JobStateBadge state={current.state} />
						<span className="tabular text-sm text-ink-soft">
							Attempt {current.attempts} of {current.maxAttempts}
						</span>
					</div>
					{(error ?? current.lastError) && <p className="text-bad">{error ?? current.lastError}</p>}
					<JobLog events={shown.events} />
					<pre className="rounded-md bg-sunken p-3 font-mono text-xs break-all whitespace-pre-wrap">
						{JSON.stringify(shown.payload, null, 2)}
					</pre>
				</div>
			)}
		</Dialog>
	);
}
