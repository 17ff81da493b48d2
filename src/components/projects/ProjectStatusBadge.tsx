import type { ProjectStatus } from '#shared/projects.ts';
import { StatusBadge, type Tone } from '../ui/StatusBadge.tsx';

const STATUSES: Record<ProjectStatus, { tone: Tone; words: string }> = {
	creating: { tone: 'busy', words: 'Setting up' },
	running: { tone: 'ok', words: 'Running' },
	stopped: { tone: 'off', words: 'Stopped' },
	error: { tone: 'bad', words: 'Needs attention' },
	deleting: { tone: 'busy', words: 'Deleting' },
};

export function ProjectStatusBadge({ status }: { status: ProjectStatus }) {
	return <StatusBadge tone={STATUSES[status].tone}>{STATUSES[status].words}</StatusBadge>;
}
