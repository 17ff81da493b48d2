import { useRef } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import type { ConnectionProject } from '#shared/receipts.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { connectionName } from '../connections/connectionWords.ts';
import { RemovalProgress } from './RemovalProgress.tsx';
import { RevokeLink } from './RevokeLink.tsx';
import { useReceipts } from './useReceipts.ts';

type Props = {
	connection: ConnectionView;
	provider: AvailableProvider | undefined;
	/** The projects as they stood before. */
	before: ConnectionProject[];
	onClose: () => void;
};

/** After a disconnect: where the credential is gone, and what is left to do at the provider. */
export function DisconnectedDialog({ connection, provider, before, onClose }: Props) {
	const { list } = useReceipts(connection.id);
	const close = useRef<HTMLButtonElement>(null);
	const { providerName, authType, scripted } = connection;
	return (
		<Dialog
			open
			initialFocus={close}
			onOpenChange={onClose}
			title={`${connectionName(connection)} is disconnected`}
			description="The credential is deleted from this server. It goes on leaving projects when you close this."
			footer={
				<Button ref={close} variant="primary" onClick={onClose}>
					Close
				</Button>
			}
		>
			<RemovalProgress before={before} receipts={list ?? []} />
			{!scripted && (
				<p className="mt-4 text-ink-soft">
					At {providerName} the {authType === 'oauth' ? 'sign-in' : 'key'} stays valid until you revoke it there.{' '}
					<RevokeLink authType={authType} provider={provider} />
				</p>
			)}
		</Dialog>
	);
}
