import { CirclePause, CirclePlay } from 'lucide-react';
import type { ProjectView } from '#shared/projects.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { Preview } from './Preview.tsx';
import { SetupSteps } from './SetupSteps.tsx';

type Props = {
	project: ProjectView;
	onStart: () => void;
	onRetry: (jobId: string) => void;
	freshUrl: () => Promise<string>;
	onOpen: () => void;
};

/** What stands beside the chat: the setup while it runs, then the site, or how to wake it. */
export function PreviewPane({ project, onStart, onRetry, freshUrl, onOpen }: Props) {
	if (project.status === 'running') {
		return <Preview name={project.name} previewUrl={project.previewUrl} freshUrl={freshUrl} onOpen={onOpen} />;
	}
	if (project.status === 'deleting')
		return (
			<Centered>
				<Spinner label="Deleting the project" />
			</Centered>
		);
	const stuck = project.status === 'error' && project.steps.some((step) => step.state === 'failed');
	if (project.status === 'creating' || stuck) {
		return <Setup project={project} onRetry={onRetry} />;
	}
	const broken = project.status === 'error';
	return (
		<Centered>
			<EmptyState
				icon={<CirclePause size={24} aria-hidden />}
				title={broken ? 'The project does not run' : 'The project is stopped'}
				action={
					<Button variant="primary" icon={<CirclePlay size={16} aria-hidden />} onClick={onStart}>
						Start
					</Button>
				}
			>
				{broken
					? 'Start it again. If it stops again, the Logs tab shows why.'
					: 'Its files are kept. Start it to see the site and to go on building.'}
			</EmptyState>
		</Centered>
	);
}

function Setup({ project, onRetry }: Pick<Props, 'project' | 'onRetry'>) {
	const done = project.steps.filter((step) => step.state === 'succeeded').length;
	return (
		<div className="h-full overflow-y-auto p-4 sm:p-8">
			<div className="mx-auto max-w-xl">
				<h2 className="text-lg font-semibold">
					{project.status === 'error' ? 'The setup stopped' : `Setting up ${project.name}`}
				</h2>
				<p className="mt-0.5 mb-4 text-ink-soft">
					{done} of {project.steps.length} steps done. The site appears here as soon as it answers.
				</p>
				<SetupSteps steps={project.steps} onRetry={onRetry} />
			</div>
		</div>
	);
}

function Centered({ children }: { children: React.ReactNode }) {
	return <div className="flex h-full items-center justify-center p-4 text-ink-soft">{children}</div>;
}
