import { actions } from 'astro:actions';
import { useState } from 'react';
import type { ReceiptView } from '#shared/receipts.ts';
import { callAction } from '../../ui/callAction.ts';
import { createReplay } from '../../ui/replay.ts';
import { useLive } from '../../ui/useLive.ts';
import { putReceipt } from './receiptWords.ts';

export type Receipts = {
	list: ReceiptView[] | null /** Why they could not be loaded. */;
	error: string | null;
	reload: () => void;
};

/** What became of a connection's changes in each project, kept current by live events; also once it is disconnected. */
export function useReceipts(connectionId: string): Receipts {
	const [list, setList] = useState<ReceiptView[] | null>(null);
	const [error, setError] = useState<string | null>(null);
	const [replay] = useState(createReplay<ReceiptView>);
	const put = (receipt: ReceiptView) => setList((before) => putReceipt(before ?? [], receipt));
	const load = async () => {
		const result = await callAction(actions.settings.listReceipts({ connectionId }));
		if (result.ok) setList(result.data.receipts);
		setError(result.ok ? null : result.message);
	};
	const reload = () => void replay.around(load(), put);
	useLive((event) => {
		if (event.type === 'hello') return reload();
		if (event.type !== 'receipt.changed' || event.connectionId !== connectionId) return;
		replay.note(event.receipt);
		put(event.receipt);
	});
	return { list, error, reload };
}
