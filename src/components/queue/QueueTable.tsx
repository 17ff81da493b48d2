import { actions } from 'astro:actions';
import { Inbox, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { type JobView, SETUP_STEPS } from '#shared/queue.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { callAction, type Result } from '../ui/callAction.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { toast } from '../ui/toast.ts';
import { useNow } from '../ui/useNow.ts';
import { JobDialog } from './JobDialog.tsx';
import { JobRow } from './JobRow.tsx';
import { QueueFilters } from './QueueFilters.tsx';
import { useJobs } from './useJobs.ts';

type Props = { jobs: JobView[]; paused: boolean; canPause: boolean };

/** The types one looks for; more come with the jobs that are shown. */
const TYPES = [...SETUP_STEPS, 'chat.sendPrompt', 'credentials.changed', 'project.stop', 'project.delete'];

/** Every job of one's projects, live; newest first. */
export function QueueTable({ jobs: first, paused, canPause }: Props) {
	const { jobs, hasOlder, filter, setFilter, loadOlder } = useJobs(first);
	const [openId, setOpenId] = useState<string | null>(null);
	const now = useNow(jobs.some((job) => job.state === 'running'));
	const isFiltered = filter.state !== null || filter.type !== null;
	return (
		<section aria-labelledby="queue" className="flex flex-col">
			<SectionHeader id="queue" title="Queue" action={canPause && <PauseButton pausedAtFirst={paused} />}>
				What doce does for your projects, newest first.
			</SectionHeader>
			<div className="mb-3 flex flex-wrap gap-2 *:w-auto *:min-w-40">
				<QueueFilters
					filter={filter}
					types={[...new Set([...TYPES, ...jobs.map((job) => job.type)])]}
					onChange={setFilter}
				/>
			</div>
			<Card flush>
				{jobs.length === 0 ? (
					<EmptyState icon={<Inbox size={24} aria-hidden />} title="No jobs">
						{isFiltered ? 'Nothing matches these filters.' : 'Create a project, and its steps appear here.'}
					</EmptyState>
				) : (
					<ul className="divide-y divide-line">
						{jobs.map((job) => (
							<JobRow key={job.id} job={job} now={now} onOpen={() => setOpenId(job.id)} />
						))}
					</ul>
				)}
			</Card>
			{hasOlder && (
				<Button className="mt-3 self-center" onClick={() => void loadOlder()}>
					Show older jobs
				</Button>
			)}
			{openId !== null && (
				<JobDialog jobId={openId} job={jobs.find(({ id }) => id === openId)} onClose={() => setOpenId(null)} />
			)}
		</section>
	);
}

function PauseButton({ pausedAtFirst }: { pausedAtFirst: boolean }) {
	const [paused, setPaused] = useState(pausedAtFirst);
	const toggle = async () => {
		const result: Result<unknown> = await callAction(paused ? actions.queue.resume({}) : actions.queue.pause({}));
		if (result.ok) setPaused(!paused);
		else toast.bad(paused ? 'The queue could not be resumed' : 'The queue could not be paused', result.message);
	};
	return (
		<div className="flex flex-wrap items-center gap-y-2">
			<p role="status" className="text-sm text-warn not-empty:mr-3">
				{paused && 'Paused: what runs goes on, nothing new starts'}
			</p>
			<Button
				icon={paused ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
				onClick={() => void toggle()}
			>
				{paused ? 'Resume queue' : 'Pause queue'}
			</Button>
		</div>
	);
}
