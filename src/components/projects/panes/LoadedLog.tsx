import { actions } from 'astro:actions';
import { useState } from 'react';
import type { JobEventView } from '#shared/queue.ts';
import { JobLog } from '../../ui/JobLog.tsx';
import { LoadFailure } from '../../ui/LoadFailure.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useLive } from '../../ui/useLive.ts';
import { useLoaded } from '../../ui/useLoaded.ts';

/** A job's log: what was written before it was opened, then what comes live. */
export function LoadedLog({ jobId }: { jobId: string }) {
	const loaded = useLoaded(() => actions.queue.get({ jobId }), jobId);
	const [live, setLive] = useState<JobEventView[]>([]);
	useLive((event) => {
		if (event.type === 'job.event' && event.jobId === jobId) setLive((before) => [...before, event.event]);
	});
	if (loaded.error !== null) return <LoadFailure error={loaded.error} onRetry={loaded.reload} />;
	if (loaded.data === null) return <Spinner label="Reading the log" className="text-sm text-ink-soft" />;
	const { events } = loaded.data.job;
	const known = new Set(events.map(keyOf));
	return <JobLog events={[...events, ...live.filter((event) => !known.has(keyOf(event)))]} />;
}

function keyOf(event: JobEventView): string {
	return `${event.at} ${event.message}`;
}
