import { actions } from 'astro:actions';
import { FileText, FolderOpen, KeyRound } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadFailure } from '../../ui/LoadFailure.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useLoaded } from '../../ui/useLoaded.ts';
import { FileTree } from './FileTree.tsx';
import { buildTree } from './fileTree.ts';

const CodeView = lazy(() => import('./CodeView.tsx'));

type Props = {
	projectId: string;
	/** Another number means that files have changed. */
	version: number;
};

/** The workspace to look at: the tree, and one file in colour. */
export function Files({ projectId, version }: Props) {
	const [path, setPath] = useState<string | null>(null);
	const listed = useLoaded(() => actions.projects.listFiles({ projectId }), `${projectId} ${version}`);
	if (listed.error !== null) return <LoadFailure error={listed.error} onRetry={listed.reload} />;
	if (listed.data === null) return <Spinner label="Reading the files" className="p-4 text-ink-soft" />;
	const nodes = buildTree(listed.data.files);
	if (nodes.length === 0) {
		return (
			<EmptyState icon={<FolderOpen size={24} aria-hidden />} title="No files yet">
				They appear here as soon as the workspace is made.
			</EmptyState>
		);
	}
	return (
		<div className="@container h-full">
			<div className="grid h-full grid-rows-[minmax(8rem,35%)_1fr] @lg:grid-cols-[14rem_1fr] @lg:grid-rows-1">
				<div className="overflow-auto border-line max-@lg:border-b @lg:border-r">
					<FileTree nodes={nodes} selected={path} onSelect={setPath} />
				</div>
				{path === null ? (
					<EmptyState icon={<FileText size={24} aria-hidden />} title="Choose a file">
						Files are shown as the agent leaves them. To change one, ask for it in the chat.
					</EmptyState>
				) : (
					<OpenFile projectId={projectId} path={path} version={version} />
				)}
			</div>
		</div>
	);
}

function OpenFile({ projectId, path, version }: Props & { path: string }) {
	const file = useLoaded(() => actions.projects.readFile({ projectId, path }), `${projectId} ${path} ${version}`);
	const waiting = <Spinner label={`Opening ${path}`} className="p-4 text-ink-soft" />;
	return (
		<section aria-label={path} className="flex min-h-0 min-w-0 flex-col">
			<p className="shrink-0 truncate border-b border-line px-3 py-1.5 font-mono text-xs text-ink-soft">{path}</p>
			{file.data?.path === path && file.data.redacted && (
				<p className="flex shrink-0 items-center gap-2 border-b border-line bg-warn-soft px-3 py-1.5 text-sm text-warn">
					<KeyRound size={14} aria-hidden className="shrink-0" />
					This file carries a key of yours. It is shown as [key]; ask the agent to remove it.
				</p>
			)}
			<div className="min-h-0 flex-1">
				{file.error !== null && <LoadFailure error={file.error} onRetry={file.reload} />}
				{file.error === null && file.data?.path !== path && waiting}
				{file.error === null && file.data?.path === path && (
					<Suspense fallback={waiting}>
						<CodeView path={path} content={file.data.content} />
					</Suspense>
				)}
			</div>
		</section>
	);
}
