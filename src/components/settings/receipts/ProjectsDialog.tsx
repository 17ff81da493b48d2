import { actions } from 'astro:actions';
import type { ConnectionView } from '#shared/providers.ts';
import type { ConnectionProject } from '#shared/receipts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useLive } from '../../ui/useLive.ts';
import { useLoaded } from '../../ui/useLoaded.ts';
import { WhenLoaded } from '../../ui/WhenLoaded.tsx';
import { connectionName } from '../connections/connectionWords.ts';
import { type ProjectLine, ProjectLines } from './ProjectLines.tsx';
import { standingWords } from './receiptWords.ts';

type Props = { connection: ConnectionView; onClose: () => void };

/** The projects that use a connection, and what each of them holds of it. */
export function ProjectsDialog({ connection, onClose }: Props) {
	const { id: connectionId } = connection;
	const loaded = useLoaded(() => actions.settings.listConnectionProjects({ connectionId }), connectionId);
	useLive((event) => {
		const isOurs = event.type === 'receipt.changed' && event.connectionId === connectionId;
		if (isOurs || event.type === 'project.changed') loaded.reload();
	});
	return (
		<Dialog open onOpenChange={onClose} title={`Projects of ${connectionName(connection)}`}>
			<WhenLoaded loaded={loaded} skeleton="h-24 w-full">
				{({ projects }) =>
					projects.length === 0 ? (
						<EmptyState title="No project uses it">Choose it in a project’s header.</EmptyState>
					) : (
						<ProjectLines label="Projects" lines={projects.map(toLine)} />
					)
				}
			</WhenLoaded>
		</Dialog>
	);
}

export function toLine(project: ConnectionProject): ProjectLine {
	const { id, name, at } = project;
	return { projectId: id, name, href: `/projects/${id}`, at, ...standingWords(project) };
}
