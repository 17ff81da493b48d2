import type { ProjectView } from '#shared/projects.ts';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../../ui/Button.tsx';
import { ISOLATION_WORDS } from '../../ui/isolationWords.ts';
import { JobStateBadge } from '../../ui/JobStateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { LoadPanel } from '../load/LoadPanel.tsx';
import { Fold } from './Fold.tsx';
import { LoadedLog } from './LoadedLog.tsx';
import { SetupSteps } from './SetupSteps.tsx';
import { jobName } from './stepWords.ts';

type Props = {
	project: ProjectView;
	jobs: JobView[];
	onRetry: (jobId: string) => void;
	onCancel: (jobId: string) => void;
};

/** What doce has done and is doing for this project. */
export function Activity({ project, jobs, onRetry, onCancel }: Props) {
	const shown = new Set(project.steps.map((step) => step.jobId));
	const others = jobs.filter((job) => !shown.has(job.id));
	return (
		<div className="flex h-full flex-col gap-6 overflow-y-auto p-4">
			<section aria-label="Setup">
				<h2 className="mb-2 font-semibold">Setup</h2>
				<SetupSteps steps={project.steps} onRetry={onRetry} />
			</section>
			<LoadPanel projectId={project.id} keeps={project.keeps} />
			<section aria-label="Isolation">
				<h2 className="mb-2 font-semibold">Isolation</h2>
				<p className="text-ink-soft">
					{ISOLATION_WORDS[project.isolation.level]}. {project.isolation.reason}
				</p>
			</section>
			<section aria-label="Other jobs">
				<h2 className="mb-2 font-semibold">Other jobs</h2>
				{others.length === 0 && <p className="text-ink-faint">None yet. Each message you send is one.</p>}
				<ul className="flex flex-col rounded-lg border border-line bg-surface empty:hidden">
					{others.map((job) => (
						<li key={job.id} className="border-b border-line last:border-b-0">
							<Fold line={<JobLine job={job} />}>
								<JobBody job={job} onRetry={onRetry} onCancel={onCancel} />
							</Fold>
						</li>
					))}
				</ul>
			</section>
		</div>
	);
}

function JobLine({ job }: { job: JobView }) {
	return (
		<>
			<span className="min-w-0 flex-1">
				<span className="block truncate">{jobName(job.type)}</span>
				<Time at={job.createdAt} className="text-xs text-ink-faint" />
			</span>
			<JobStateBadge state={job.state} />
		</>
	);
}

function JobBody({ job, onRetry, onCancel }: { job: JobView } & Pick<Props, 'onRetry' | 'onCancel'>) {
	const retryable = job.state === 'failed' || job.state === 'cancelled';
	const open = job.state === 'queued' || job.state === 'running' || job.state === 'waiting_for_credential';
	return (
		<div className="flex flex-col items-start gap-2">
			{job.lastError !== null && <p className="text-sm text-bad">{job.lastError}</p>}
			<LoadedLog jobId={job.id} />
			{retryable && (
				<Button size="sm" onClick={() => onRetry(job.id)}>
					Retry
				</Button>
			)}
			{open && (
				<Button size="sm" onClick={() => onCancel(job.id)}>
					Cancel
				</Button>
			)}
		</div>
	);
}
