import { ChevronRight, File, Folder } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { cx } from '../../ui/cx.ts';
import { type FileNode, type FileRow, foldersAbove, visibleRows } from './fileTree.ts';

type Props = { nodes: FileNode[]; selected: string | null; onSelect: (path: string) => void };

/** The workspace as a tree: arrows move, open and close, Enter shows a file. */
export function FileTree({ nodes, selected, onSelect }: Props) {
	const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(['src', 'src/pages']));
	const [focused, setFocused] = useState<string | null>(selected);
	const tree = useRef<HTMLDivElement>(null);
	const rows = visibleRows(nodes, open);
	const tabStop = rows.some((row) => row.node.path === focused) ? focused : rows[0]?.node.path;

	const toggle = (path: string, show: boolean) => {
		const next = new Set(open);
		if (show) next.add(path);
		else next.delete(path);
		setOpen(next);
	};
	const focus = (path: string | undefined) => {
		if (path === undefined) return;
		setFocused(path);
		tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
	};
	const activate = (row: FileRow) => {
		setFocused(row.node.path);
		if (row.node.kind === 'folder') toggle(row.node.path, !row.open);
		else onSelect(row.node.path);
	};
	const onKeyDown = (event: KeyboardEvent, row: FileRow) => {
		const move = keyMove(event.key, row, rows);
		if (move === null) return;
		event.preventDefault();
		if (move.kind === 'focus') focus(move.path);
		else if (move.kind === 'activate') activate(row);
		else toggle(row.node.path, move.kind === 'open');
	};

	return (
		<div ref={tree} role="tree" aria-label="Files" className="flex flex-col p-1">
			{rows.map((row) => (
				<TreeRow
					key={row.node.path}
					row={row}
					selected={row.node.path === selected}
					tabStop={row.node.path === tabStop}
					onClick={() => activate(row)}
					onKeyDown={(event) => onKeyDown(event, row)}
				/>
			))}
		</div>
	);
}

type Move = { kind: 'focus'; path: string | undefined } | { kind: 'open' | 'close' | 'activate' };

function keyMove(key: string, row: FileRow, rows: FileRow[]): Move | null {
	const at = rows.indexOf(row);
	const folder = row.node.kind === 'folder';
	if (key === 'ArrowDown') return { kind: 'focus', path: rows[at + 1]?.node.path };
	if (key === 'ArrowUp') return { kind: 'focus', path: rows[at - 1]?.node.path };
	if (key === 'Home') return { kind: 'focus', path: rows[0]?.node.path };
	if (key === 'End') return { kind: 'focus', path: rows.at(-1)?.node.path };
	if (key === 'ArrowRight' && folder)
		return row.open ? { kind: 'focus', path: rows[at + 1]?.node.path } : { kind: 'open' };
	if (key === 'ArrowLeft') {
		return row.open ? { kind: 'close' } : { kind: 'focus', path: foldersAbove(row.node.path).at(-1) };
	}
	return key === 'Enter' || key === ' ' ? { kind: 'activate' } : null;
}

type RowProps = {
	row: FileRow;
	selected: boolean;
	tabStop: boolean;
	onClick: () => void;
	onKeyDown: (event: KeyboardEvent) => void;
};

function TreeRow({ row, selected, tabStop, onClick, onKeyDown }: RowProps) {
	const folder = row.node.kind === 'folder';
	return (
		<div
			role="treeitem"
			aria-level={row.level}
			aria-selected={selected}
			aria-expanded={folder ? row.open : undefined}
			tabIndex={tabStop ? 0 : -1}
			data-path={row.node.path}
			onClick={onClick}
			onKeyDown={onKeyDown}
			style={{ paddingLeft: `${(row.level - 1) * 12 + 8}px` }}
			className={cx(
				'flex h-7 cursor-pointer items-center gap-1.5 rounded-sm pr-2 text-sm hover:bg-sunken focus-visible:-outline-offset-2',
				selected && 'bg-accent-soft text-accent-text',
			)}
		>
			<ChevronRight
				size={12}
				aria-hidden
				className={cx('shrink-0 text-ink-faint', !folder && 'invisible', row.open && 'rotate-90')}
			/>
			{folder ? (
				<Folder size={14} aria-hidden className="shrink-0" />
			) : (
				<File size={14} aria-hidden className="shrink-0" />
			)}
			<span className="truncate">{row.node.name}</span>
		</div>
	);
}
