import type { FileEntry } from '#shared/projects.ts';

export interface FileNode {
	name: string;
	path: string;
	kind: FileEntry['kind'];
	children: FileNode[];
}

/** One line of the tree as it is shown, folders that are closed left out. */
export interface FileRow {
	node: FileNode;
	level: number;
	open: boolean;
}

/** The tree of a flat list; folders that only appear inside a file's path are added. Folders first, then by name. */
export function buildTree(entries: FileEntry[]): FileNode[] {
	const root: FileNode = { name: '', path: '', kind: 'folder', children: [] };
	const known = new Map<string, FileNode>([['', root]]);
	for (const entry of entries) {
		nodeAt(known, entry.path).kind = entry.kind;
	}
	sort(root);
	return root.children;
}

/** The lines to show, top to bottom. */
export function visibleRows(nodes: FileNode[], open: ReadonlySet<string>, level = 1): FileRow[] {
	return nodes.flatMap((node) => {
		const isOpen = node.kind === 'folder' && open.has(node.path);
		const row = { node, level, open: isOpen };
		return isOpen ? [row, ...visibleRows(node.children, open, level + 1)] : [row];
	});
}

/** The folders above a path, outermost first. */
export function foldersAbove(path: string): string[] {
	const names = path.split('/').slice(0, -1);
	return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

function nodeAt(known: Map<string, FileNode>, path: string): FileNode {
	const found = known.get(path);
	if (found !== undefined) return found;
	const cut = path.lastIndexOf('/');
	const parent = nodeAt(known, cut === -1 ? '' : path.slice(0, cut));
	const node: FileNode = { name: path.slice(cut + 1), path, kind: 'file', children: [] };
	parent.kind = 'folder';
	parent.children.push(node);
	known.set(path, node);
	return node;
}

function sort(node: FileNode): void {
	node.children.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'folder' ? -1 : 1));
	for (const child of node.children) sort(child);
}
