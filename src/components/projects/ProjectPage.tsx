import { useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { MessageView } from '#shared/chat.ts';
import type { ProjectView } from '#shared/projects.ts';
import type { ModelChoice } from '#shared/providers.ts';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../ui/Button.tsx';
import { BudgetDialog, type Budgeted } from '../ui/budget/BudgetDialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { RuntimeTrouble } from '../ui/RuntimeTrouble.tsx';
import { type Tab, Tabs } from '../ui/Tabs.tsx';
import { Chat } from './chat/Chat.tsx';
import { Files } from './files/Files.tsx';
import { LimitsDialog } from './load/LimitsDialog.tsx';
import { ProjectHeader } from './ProjectHeader.tsx';
import { Activity } from './panes/Activity.tsx';
import { Logs } from './panes/Logs.tsx';
import { Notices } from './panes/Notices.tsx';
import { PreviewPane } from './panes/PreviewPane.tsx';
import type { ProjectState } from './state/projectState.ts';
import type { ProjectVerbs } from './state/projectVerbs.ts';
import { useModels } from './state/useModels.ts';
import { useProject } from './state/useProject.ts';
import { useIsNarrow } from './useIsNarrow.ts';

type Props = {
	project: ProjectView;
	messages: MessageView[];
	jobs: JobView[];
	models: ModelChoice[];
	trouble: string | null;
};
type OnBudget = (connectionId: string | undefined) => void;
type PartProps = { state: ProjectState; verbs: ProjectVerbs; onBudget: OnBudget };

/** Chat left, site right; on a phone one above the other, as tabs. */
export function ProjectPage({ project: first, messages, jobs, models: choices, trouble }: Props) {
	const [state, verbs] = useProject(first, messages, jobs);
	const models = useModels(choices);
	const narrow = useIsNarrow();
	const [limiting, setLimiting] = useState(false);
	const [budgeted, setBudgeted] = useState<Budgeted | null>(null);
	const { project } = state;
	if (state.deleted) return <Deleted />;
	const onBudget: OnBudget = (connectionId) =>
		setBudgeted(
			connectionId === undefined
				? { subject: 'project', subjectId: project.id, name: project.name }
				: { subject: 'connection', subjectId: connectionId, name: 'the connection' },
		);
	const parts = { state, verbs, onBudget };
	return (
		<div className="flex h-full flex-col">
			<ProjectHeader
				project={project}
				models={models}
				onModel={(model) => void verbs.setModel(model)}
				onFallback={(mode) => void verbs.setFallback(mode)}
				onSealedOnly={(sealedOnly) => void verbs.setSealedOnly(sealedOnly)}
				onStart={() => void verbs.start()}
				onStop={() => void verbs.stop()}
				onOpen={() => void verbs.openPreview()}
				onBudget={() => onBudget(undefined)}
				onLimits={() => setLimiting(true)}
				onExport={() => void verbs.exportSite()}
				onDelete={verbs.remove}
			/>
			<RuntimeTrouble trouble={trouble} projectId={project.id} />
			<Notices
				notices={project.notices}
				onRetry={() => retryFailed(state, verbs)}
				onStart={() => void verbs.start()}
				onReturn={() => void verbs.returnToOwn()}
				onBudget={() => onBudget(undefined)}
				onRaise={(reached) => void verbs.raiseLimit(reached)}
				onDismissLimit={() => void verbs.dismissLimit()}
			/>
			<div className="min-h-0 flex-1">{narrow ? <Stacked {...parts} /> : <SideBySide {...parts} />}</div>
			{limiting && <LimitsDialog project={project} onClose={() => setLimiting(false)} />}
			{budgeted !== null && <BudgetDialog of={budgeted} onClose={() => setBudgeted(null)} />}
		</div>
	);
}

function SideBySide({ state, verbs, onBudget }: PartProps) {
	const [tab, setTab] = useState('preview');
	return (
		<Group orientation="horizontal" className="h-full">
			<Panel id="chat" defaultSize="36%" minSize="280px">
				<ChatOf state={state} verbs={verbs} onBudget={onBudget} />
			</Panel>
			<Separator
				aria-label="Width of the chat"
				className="w-px bg-line outline-offset-2 hover:bg-accent data-[separator=active]:bg-accent"
			/>
			<Panel id="site" minSize="320px">
				<Tabs
					label="Project"
					tabs={tabsOf(state, verbs)}
					value={tab}
					onChange={setTab}
					className="h-full"
					panelClassName="h-full"
				/>
			</Panel>
		</Group>
	);
}

function Stacked({ state, verbs, onBudget }: PartProps) {
	const [tab, setTab] = useState('chat');
	const chat: Tab = {
		value: 'chat',
		label: 'Chat',
		panel: <ChatOf state={state} verbs={verbs} onBudget={onBudget} />,
		keepMounted: true,
	};
	return (
		<Tabs
			label="Project"
			tabs={[chat, ...tabsOf(state, verbs)]}
			value={tab}
			onChange={setTab}
			className="h-full"
			panelClassName="h-full"
		/>
	);
}

function ChatOf({ state, verbs, onBudget }: PartProps) {
	const { project, chat, jobs } = state;
	return (
		<Chat
			projectId={project.id}
			chat={chat}
			jobs={jobs}
			busy={project.busy}
			blocked={project.status === 'deleting' ? 'The project is being deleted.' : null}
			onSend={verbs.send}
			onStop={() => void verbs.stopAgent()}
			onRetry={(jobId) => void verbs.retry(jobId)}
			onContinue={(connectionId) => void verbs.continueWith(connectionId)}
			onBudget={onBudget}
		/>
	);
}

function tabsOf({ project, jobs, filesVersion }: ProjectState, verbs: ProjectVerbs): Tab[] {
	const retry = (jobId: string) => void verbs.retry(jobId);
	return [
		{
			value: 'preview',
			label: 'Preview',
			keepMounted: true,
			panel: (
				<PreviewPane
					project={project}
					onStart={() => void verbs.start()}
					onRetry={retry}
					freshUrl={verbs.freshUrl}
					onOpen={() => void verbs.openPreview()}
				/>
			),
		},
		{ value: 'files', label: 'Files', panel: <Files projectId={project.id} version={filesVersion} /> },
		{ value: 'logs', label: 'Logs', panel: <Logs projectId={project.id} /> },
		{
			value: 'activity',
			label: 'Activity',
			panel: <Activity project={project} jobs={jobs} onRetry={retry} onCancel={(jobId) => void verbs.cancel(jobId)} />,
		},
	];
}

/** The notice's Retry means the step that failed. */
function retryFailed({ project }: ProjectState, verbs: ProjectVerbs): void {
	const step = project.steps.find(({ state }) => state === 'failed' || state === 'cancelled');
	if (step?.jobId == null) void verbs.start();
	else void verbs.retry(step.jobId);
}

function Deleted() {
	return (
		<div className="flex h-full items-center justify-center">
			<EmptyState title="The project has been deleted" action={<Button href="/">Go to your projects</Button>}>
				Its processes have ended and its files are gone.
			</EmptyState>
		</div>
	);
}
