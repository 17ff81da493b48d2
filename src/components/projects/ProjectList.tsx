import { actions } from 'astro:actions';
import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { LiveEvent } from '#shared/live.ts';
import type { ProjectSummary } from '#shared/projects.ts';
import { Card } from '../ui/Card.tsx';
import { callAction } from '../ui/callAction.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { createReplay } from '../ui/replay.ts';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { Time } from '../ui/Time.tsx';
import { useLive } from '../ui/useLive.ts';
import { ProjectStatusBadge } from './ProjectStatusBadge.tsx';

/** A person's projects, live; rows keep their place while one reads. */
export function ProjectList({ projects }: { projects: ProjectSummary[] }) {
	const [list, setList] = useState(projects);
	const [replay] = useState(createReplay<LiveEvent>);
	const tell = (event: LiveEvent) => setList((before) => withEvent(before, event));
	useLive((event) => {
		if (event.type === 'hello') return void replay.around(reload(setList), tell);
		replay.note(event);
		tell(event);
	});
	return (
		<section aria-labelledby="projects">
			<SectionHeader id="projects" title="Projects" />
			<Card flush>
				{list.length === 0 ? (
					<EmptyState icon={<FolderOpen size={24} aria-hidden />} title="No projects yet">
						Describe a site above; it appears here.
					</EmptyState>
				) : (
					<ul className="divide-y divide-line">
						{list.map((project) => (
							<ProjectRow key={project.id} project={project} />
						))}
					</ul>
				)}
			</Card>
		</section>
	);
}

function ProjectRow({ project }: { project: ProjectSummary }) {
	return (
		<li>
			<a
				href={`/projects/${project.id}`}
				className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 transition-colors hover:bg-sunken focus-visible:-outline-offset-2"
			>
				<span className="min-w-0 flex-1 basis-48">
					<span className="block truncate font-medium">{project.name}</span>
					<span className="block truncate text-sm text-ink-soft">{project.modelId ?? 'No model'}</span>
				</span>
				<Time at={project.lastActiveAt} className="text-sm text-ink-faint" />
				<ProjectStatusBadge status={project.status} />
			</a>
		</li>
	);
}

async function reload(setList: (projects: ProjectSummary[]) => void): Promise<void> {
	const result = await callAction(actions.projects.list({}));
	if (result.ok) setList(result.data.projects);
}

function withEvent(list: ProjectSummary[], event: LiveEvent): ProjectSummary[] {
	if (event.type === 'project.deleted') return list.filter(({ id }) => id !== event.projectId);
	if (event.type !== 'project.changed') return list;
	const isKnown = list.some(({ id }) => id === event.project.id);
	return isKnown
		? list.map((project) => (project.id === event.project.id ? event.project : project))
		: [event.project, ...list];
}
