import type { ConnectionProject, ReceiptKind, ReceiptState, ReceiptView } from '#shared/receipts.ts';
import type { Tone } from '../../ui/StatusBadge.tsx';

type Words = { tone: Tone; words: string };

const STATES: Record<ReceiptKind, Record<ReceiptState, Words>> = {
	deliver: {
		pending: { tone: 'waiting', words: 'Pending' },
		done: { tone: 'ok', words: 'Delivered' },
		failed: { tone: 'bad', words: 'Failed' },
		superseded: { tone: 'off', words: 'Superseded' },
	},
	remove: {
		pending: { tone: 'waiting', words: 'Pending' },
		done: { tone: 'ok', words: 'Removed' },
		failed: { tone: 'bad', words: 'Not removed' },
		superseded: { tone: 'off', words: 'Superseded' },
	},
};

export function receiptWords({ kind, state }: Pick<ReceiptView, 'kind' | 'state'>): Words {
	return STATES[kind][state];
}

const STANDINGS: Record<ConnectionProject['state'], Words & { detail: string | null }> = {
	delivered: { tone: 'ok', words: 'Delivered', detail: null },
	pending: { tone: 'waiting', words: 'Pending', detail: 'On its way' },
	failed: { tone: 'bad', words: 'Failed', detail: null },
	none: { tone: 'off', words: 'Asleep', detail: 'Holds nothing; gets it when it starts' },
};

/** How a project stands towards a connection, and why. */
export function standingWords(project: ConnectionProject): Words & { detail: string | null } {
	const { tone, words, detail } = STANDINGS[project.state];
	return { tone, words, detail: project.detail ?? detail };
}

/** The receipts by version, the newest first. */
export function byVersion(receipts: ReceiptView[]): { version: number; receipts: ReceiptView[] }[] {
	const versions = [...new Set(receipts.map(({ version }) => version))].sort((one, other) => other - one);
	return versions.map((version) => ({ version, receipts: receipts.filter((entry) => entry.version === version) }));
}

/** The receipts after one of them changed; a new one comes last in its version. */
export function putReceipt(receipts: ReceiptView[], receipt: ReceiptView): ReceiptView[] {
	const isSame = (entry: ReceiptView) => entry.version === receipt.version && entry.projectId === receipt.projectId;
	const known = receipts.some(isSame);
	return known ? receipts.map((entry) => (isSame(entry) ? receipt : entry)) : [...receipts, receipt];
}
