import type { JobView } from '#shared/queue.ts';
import { JobStateBadge } from '../ui/JobStateBadge.tsx';
import { Time } from '../ui/Time.tsx';
import { durationWords } from '../ui/timeWords.ts';

type Props = {
	job: JobView;
	/** In ms; null while the browser has not taken over. */
	now: number | null;
	onOpen: () => void;
};

/** One job as a line that opens its log. On a wide screen the parts line up as columns. */
export function JobRow({ job, now, onOpen }: Props) {
	return (
		<li>
			<button
				type="button"
				onClick={onOpen}
				className="flex min-h-12 w-full flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-left transition-colors hover:bg-sunken focus-visible:-outline-offset-2"
			>
				<span className="min-w-0 flex-1 basis-56">
					<span className="block truncate font-mono text-sm">{job.type}</span>
					<span className="block truncate text-sm text-ink-soft">{job.projectName ?? 'No project'}</span>
				</span>
				<span className="tabular text-sm text-ink-faint sm:w-28">
					Attempt {job.attempts} of {job.maxAttempts}
				</span>
				<span className="tabular text-sm text-ink-faint empty:max-sm:hidden sm:w-16 sm:text-right">
					{durationOf(job, now)}
				</span>
				<Time at={job.createdAt} className="text-sm text-ink-faint sm:w-24 sm:text-right" />
				<span className="flex lg:w-44">
					<JobStateBadge state={job.state} />
				</span>
			</button>
		</li>
	);
}

/** From the start of the latest attempt to its end, or until now. */
function durationOf({ startedAt, finishedAt, state }: JobView, now: number | null): string {
	const end = finishedAt === null ? now : Date.parse(finishedAt);
	const goesOn = finishedAt === null && state !== 'running';
	if (startedAt === null || end === null || goesOn) return '';
	return durationWords(Math.max(0, end - Date.parse(startedAt)));
}
