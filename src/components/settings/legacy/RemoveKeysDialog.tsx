import { actions } from 'astro:actions';
import { useState } from 'react';
import type { KeyRemoval } from '#shared/legacy.ts';
import { AlertDialog } from '../../ui/AlertDialog.tsx';
import { callAction } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = {
	/** The old database. */
	path: string;
	/** Of how many files. */
	count: number;
	onClose: () => void;
	onRemoved: (removal: KeyRemoval) => void;
};

/** The question before keys are taken out of the old application's files. */
export function RemoveKeysDialog({ path, count, onClose, onRemoved }: Props) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const remove = async () => {
		setBusy(true);
		const result = await confirmed(() => callAction(actions.settings.removeLegacyKeys({ path })));
		setBusy(false);
		if (!result.ok) return setError(result.message);
		const { removed } = result.data;
		toast.ok('The keys are removed', `From ${removed.length} ${removed.length === 1 ? 'file' : 'files'}.`);
		onRemoved(result.data);
		onClose();
	};
	return (
		<AlertDialog
			open
			onOpenChange={onClose}
			title={`Remove the keys from ${count} old ${count === 1 ? 'file' : 'files'}`}
			confirmLabel={busy ? 'Removing…' : 'Remove keys'}
			busy={busy}
			error={error}
			onConfirm={remove}
		>
			<ul className="list-disc space-y-1.5 pl-4">
				<li>The old application can use these keys no more.</li>
				<li>In its database they are replaced by nothing, and the file is written anew without them.</li>
				<li>From .env files only the lines with a key go.</li>
				<li>Backups that you made of these files keep the keys.</li>
			</ul>
			{dialog}
		</AlertDialog>
	);
}
