import type { ConnectionProject, ReceiptView } from '#shared/receipts.ts';
import type { Tone } from '../../ui/StatusBadge.tsx';

type RemovalLine = { projectId: string; name: string; tone: Tone; words: string; detail: string };
export type Removal = {
	lines: RemovalLine[];
	removed: number;
	/** How many projects held it. */
	total: number;
	/** Where it is not gone yet, in words; null when there is nothing to wait for. */
	waiting: string | null;
};

/** How far a disconnect has come: what each project held before it, and what its receipt says. */
export function removalOf(before: ConnectionProject[], receipts: ReceiptView[]): Removal {
	const removals = newestRemovals(receipts);
	const known = before.map((project) => lineOf(project, removals.get(project.id)));
	const others = [...removals.values()].filter(({ projectId }) => !before.some(({ id }) => id === projectId));
	const lines = [...known, ...others.map(lineOfReceipt)];
	const held = lines.filter(({ words }) => words !== ASLEEP);
	const removed = held.filter(({ tone }) => tone === 'ok').length;
	const open = held.filter(({ tone }) => tone === 'waiting').length;
	return { lines, removed, total: held.length, waiting: open === 0 ? null : waitingWords(open) };
}

const ASLEEP = 'Asleep';

function newestRemovals(receipts: ReceiptView[]): Map<string, ReceiptView> {
	const removals = receipts.filter(({ kind }) => kind === 'remove');
	const newest = Math.max(...removals.map(({ version }) => version));
	return new Map(
		removals.filter(({ version }) => version === newest).map((receipt) => [receipt.projectId, receipt] as const),
	);
}

function lineOf({ id, name, state }: ConnectionProject, receipt: ReceiptView | undefined): RemovalLine {
	const facts = { projectId: id, name };
	if (receipt !== undefined && !(receipt.state === 'pending' && state === 'none'))
		return lineOfReceipt({ ...receipt, projectName: receipt.projectName ?? name });
	if (state === 'none') return { ...facts, tone: 'off', words: ASLEEP, detail: 'It holds nothing' };
	return { ...facts, tone: 'waiting', words: 'Pending', detail: 'The project is asked next' };
}

function lineOfReceipt({ projectId, projectName, state, detail }: ReceiptView): RemovalLine {
	const facts = { projectId, name: projectName ?? 'A deleted project' };
	switch (state) {
		case 'done':
			return { ...facts, tone: 'ok', words: 'Removed', detail: detail ?? 'OpenCode has no key for it any more' };
		case 'failed':
			return { ...facts, tone: 'bad', words: 'Not removed', detail: detail ?? 'The project did not answer' };
		default:
			return { ...facts, tone: 'waiting', words: 'Pending', detail: detail ?? 'After its turn' };
	}
}

function waitingWords(open: number): string {
	return open === 1
		? 'One project is busy or asleep: the key is removed after its turn, or before it starts again.'
		: `${open} projects are busy or asleep: the key is removed after their turn, or before they start again.`;
}
