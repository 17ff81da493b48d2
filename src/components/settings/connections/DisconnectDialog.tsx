import { actions } from 'astro:actions';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { AlertDialog } from '../../ui/AlertDialog.tsx';
import { callAction } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = {
	connection: ConnectionView;
	/** Where the provider lists its keys, so that this one can be revoked there too. */
	keyUrl: string | null;
	onClose: () => void;
	onRemoved: () => void;
};

export function DisconnectDialog({ connection, keyUrl, onClose, onRemoved }: Props) {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const { providerName, projectCount, scripted } = connection;
	const disconnect = async () => {
		setBusy(true);
		const result = await confirmed(() =>
			callAction(actions.settings.disconnectProvider({ connectionId: connection.id })),
		);
		setBusy(false);
		if (!result.ok) return setError(result.message);
		const removed = result.data.removedFrom.length;
		toast.ok(
			`${providerName} is disconnected`,
			removed === 0 ? undefined : `It is being removed from ${projects(removed)}.`,
		);
		onRemoved();
		onClose();
	};
	return (
		<AlertDialog
			open
			onOpenChange={onClose}
			title={`Disconnect ${providerName}`}
			confirmLabel={busy ? 'Disconnecting…' : 'Disconnect'}
			busy={busy}
			error={error}
			onConfirm={disconnect}
		>
			<ul className="list-disc space-y-1.5 pl-4">
				<li>
					{projectCount === 0
						? 'No project uses it.'
						: `It is removed from ${projects(projectCount)}. Prompts that need it wait until you connect it again or choose another model.`}
				</li>
				{!scripted && <li>The key is deleted from this server.</li>}
				{connection.legacy && <li>It came from the old application, whose own files keep it.</li>}
				{!scripted && (
					<li>
						At {providerName} the key stays valid until you revoke it there.
						{keyUrl && (
							<>
								{' '}
								<a
									href={keyUrl}
									target="_blank"
									rel="noopener noreferrer"
									className="text-accent-text underline underline-offset-2"
								>
									Open its keys
									<ExternalLink size={12} aria-hidden className="ml-1 inline" />
								</a>
							</>
						)}
					</li>
				)}
			</ul>
			{dialog}
		</AlertDialog>
	);
}

function projects(count: number): string {
	return count === 1 ? '1 project' : `${count} projects`;
}
