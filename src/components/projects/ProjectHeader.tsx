import {
	CirclePause,
	CirclePlay,
	Download,
	Ellipsis,
	ExternalLink,
	Gauge,
	ScrollText,
	Trash2,
	Wallet,
} from 'lucide-react';
import { useState } from 'react';
import type { ProjectView } from '#shared/projects.ts';
import type { FallbackMode, ModelChoice } from '#shared/providers.ts';
import { usdWords } from '#shared/usage.ts';
import { AlertDialog } from '../ui/AlertDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Menu, type MenuItem } from '../ui/Menu.tsx';
import { fallbackItems } from './fallbackItems.ts';
import { IsolationBadge } from './IsolationBadge.tsx';
import { type ModelId, ModelPicker } from './ModelPicker.tsx';
import { ProjectStatusBadge } from './ProjectStatusBadge.tsx';
import { sealingItems } from './sealingItems.ts';

type Props = {
	project: ProjectView;
	models: ModelChoice[];
	onModel: (model: ModelId) => void;
	onFallback: (mode: FallbackMode | null) => void;
	onSealedOnly: (sealedOnly: boolean) => void;
	onStart: () => void;
	onStop: () => void;
	onOpen: () => void;
	onBudget: () => void;
	onLimits: () => void;
	onExport: () => void;
	/** Resolves to null when the project goes, else to why not. */
	onDelete: () => Promise<string | null>;
};

export function ProjectHeader(props: Props) {
	const { project, models, onModel, onStart, onStop, onOpen, onBudget, onLimits, onExport, onDelete, ...settings } =
		props;
	const [asking, setAsking] = useState(false);
	const running = project.status === 'running';
	const wakes = project.status === 'stopped' || project.status === 'error';
	const items: MenuItem[] = [
		...(running ? [{ label: 'Stop', icon: <CirclePause size={14} aria-hidden />, onSelect: onStop }] : []),
		...(wakes ? [{ label: 'Start', icon: <CirclePlay size={14} aria-hidden />, onSelect: onStart }] : []),
		...(running || wakes ? [SEPARATOR] : []),
		fallbackItems(project.fallback, settings.onFallback),
		SEPARATOR,
		sealingItems({ sealedOnly: project.sealedOnly, level: project.isolation.level }, settings.onSealedOnly),
		SEPARATOR,
		{ label: 'Budgets', icon: <Wallet size={14} aria-hidden />, onSelect: onBudget },
		...(project.keeps.length > 0
			? [{ label: 'Limits', icon: <Gauge size={14} aria-hidden />, onSelect: onLimits }]
			: []),
		{ label: 'Export', icon: <Download size={14} aria-hidden />, onSelect: onExport },
		SEPARATOR,
		{
			kind: 'link',
			label: 'Audit trail',
			icon: <ScrollText size={14} aria-hidden />,
			href: `/audit?project=${project.id}`,
		},
		{ label: 'Delete', tone: 'danger', icon: <Trash2 size={14} aria-hidden />, onSelect: () => setAsking(true) },
	];
	const model =
		project.providerId === null || project.modelId === null ? null : toId(project.providerId, project.modelId);
	return (
		<header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-1.5">
			<div className="flex min-w-0 flex-1 items-center gap-2">
				<h1 className="truncate font-semibold">{project.name}</h1>
				<ProjectStatusBadge status={project.status} />
				{project.costThisMonth > 0 && <Cost project={project} />}
			</div>
			<div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 max-md:order-last max-md:-ml-2 max-md:basis-full">
				<ModelPicker
					models={models}
					value={model}
					onChange={onModel}
					look="ghost"
					className="max-w-full min-w-0 md:max-w-80"
				/>
				<IsolationBadge isolation={project.isolation} />
			</div>
			<div className="flex items-center gap-1">
				{running && (
					<Button size="sm" icon={<ExternalLink size={14} aria-hidden />} onClick={onOpen}>
						<span className="max-sm:sr-only">Open preview</span>
					</Button>
				)}
				{wakes && (
					<Button size="sm" variant="primary" icon={<CirclePlay size={14} aria-hidden />} onClick={onStart}>
						Start
					</Button>
				)}
				{project.status !== 'deleting' && (
					<Menu
						trigger={<IconButton label="More" size="sm" quiet icon={<Ellipsis size={16} aria-hidden />} />}
						items={items}
					/>
				)}
			</div>
			<DeleteDialog name={project.name} open={asking} onOpenChange={setAsking} onDelete={onDelete} />
		</header>
	);
}

function Cost({ project: { id, costThisMonth } }: Pick<Props, 'project'>) {
	return (
		<a
			href={`/usage?project=${encodeURIComponent(id)}`}
			className="tabular rounded-sm text-sm whitespace-nowrap text-ink-faint hover:text-ink hover:underline"
		>
			{usdWords(costThisMonth)} <span className="max-sm:sr-only">this month</span>
		</a>
	);
}

const SEPARATOR: MenuItem = { kind: 'separator' };

function toId(providerId: string, modelId: string): ModelId {
	return { providerId, modelId };
}

type DeleteProps = {
	name: string;
	open: boolean;
	onOpenChange: (open: boolean) => void;
	onDelete: Props['onDelete'];
};

function DeleteDialog({ name, open, onOpenChange, onDelete }: DeleteProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const confirm = async () => {
		setBusy(true);
		const failure = await onDelete();
		setBusy(false);
		setError(failure);
		if (failure === null) onOpenChange(false);
	};
	return (
		<AlertDialog
			open={open}
			onOpenChange={onOpenChange}
			title={`Delete ${name}`}
			confirmLabel={busy ? 'Deleting' : 'Delete'}
			busy={busy}
			error={error}
			onConfirm={() => void confirm()}
		>
			Its processes are ended, and its files and its conversation are removed. This cannot be taken back.
		</AlertDialog>
	);
}
