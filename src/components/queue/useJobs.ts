import { actions } from 'astro:actions';
import { useState } from 'react';
import type { JobView } from '#shared/queue.ts';
import { callAction } from '../ui/callAction.ts';
import { createReplay } from '../ui/replay.ts';
import { toast } from '../ui/toast.ts';
import { useLive } from '../ui/useLive.ts';
import { type JobFilter, withJob } from './jobList.ts';

/** As many as the server gives at once; fewer mean that there are no older ones. */
const PAGE = 200;

type Jobs = {
	jobs: JobView[];
	hasOlder: boolean;
	filter: JobFilter;
	setFilter: (filter: JobFilter) => void;
	loadOlder: () => Promise<void>;
};

/** The jobs that a filter lets through, newest first, kept current by live events. */
export function useJobs(first: JobView[]): Jobs {
	const [jobs, setJobs] = useState(first);
	const [hasOlder, setHasOlder] = useState(first.length >= PAGE);
	const [filter, setFilter] = useState<JobFilter>({ state: null, type: null, projectId: null });
	const [replay] = useState(createReplay<JobView>);
	const load = async (wanted: JobFilter, shown: JobView[]) => {
		const before = shown.at(-1)?.id;
		const result = await callAction(actions.queue.list({ ...toQuery(wanted), ...(before && { before }) }));
		if (!result.ok) return void toast.bad('The jobs could not be loaded', result.message);
		setJobs([...shown, ...result.data.jobs]);
		setHasOlder(result.data.jobs.length >= PAGE);
	};
	const reload = (wanted: JobFilter) =>
		replay.around(load(wanted, []), (job) => setJobs((before) => withJob(before, job, wanted)));
	useLive((event) => {
		if (event.type === 'hello') void reload(filter);
		if (event.type !== 'job.changed') return;
		replay.note(event.job);
		setJobs((before) => withJob(before, event.job, filter));
	});
	return {
		jobs,
		hasOlder,
		filter,
		setFilter: (next) => {
			setFilter(next);
			void reload(next);
		},
		loadOlder: () => load(filter, jobs),
	};
}

function toQuery({ state, type, projectId }: JobFilter) {
	return { ...(state && { state }), ...(type && { type }), ...(projectId && { projectId }) };
}
