import { actions } from 'astro:actions';
import { useState } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import type { ConnectionProject } from '#shared/receipts.ts';
import { AlertDialog } from '../../ui/AlertDialog.tsx';
import { callAction } from '../../ui/callAction.ts';
import { useLoaded } from '../../ui/useLoaded.ts';
import { DisconnectedDialog } from '../receipts/DisconnectedDialog.tsx';
import { RevokeLink } from '../receipts/RevokeLink.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { connectionName } from './connectionWords.ts';

type Props = {
	connection: ConnectionView;
	/** Where the key is revoked at the provider. */
	provider: AvailableProvider | undefined;
	/** The account that its projects go on with, if there is another one. */
	successor: ConnectionView | undefined;
	onClose: () => void;
	onRemoved: () => void;
};

/** Says what follows from it, then shows how the key leaves one project after the other. */
export function DisconnectDialog({ connection, provider, successor, onClose, onRemoved }: Props) {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const [gone, setGone] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const connectionId = connection.id;
	const { data } = useLoaded(() => actions.settings.listConnectionProjects({ connectionId }), connectionId);
	const projects = data?.projects ?? null;
	const disconnect = async () => {
		setBusy(true);
		const result = await confirmed(() => callAction(actions.settings.disconnectProvider({ connectionId })));
		setBusy(false);
		if (!result.ok) return setError(result.message);
		setGone(true);
		onRemoved();
	};
	if (gone) {
		return <DisconnectedDialog connection={connection} provider={provider} before={projects ?? []} onClose={onClose} />;
	}
	return (
		<AlertDialog
			open
			onOpenChange={onClose}
			title={`Disconnect ${connectionName(connection)}`}
			confirmLabel={busy ? 'Disconnecting…' : 'Disconnect'}
			busy={busy}
			error={error}
			onConfirm={disconnect}
		>
			<Consequences connection={connection} projects={projects} provider={provider} successor={successor} />
			{dialog}
		</AlertDialog>
	);
}

type ConsequencesProps = Pick<Props, 'connection' | 'provider' | 'successor'> & {
	projects: ConnectionProject[] | null;
};

function Consequences({ connection, projects, provider, successor }: ConsequencesProps) {
	const { scripted, providerName, authType, projectCount } = connection;
	const what = authType === 'oauth' ? 'sign-in' : 'key';
	const count = projects?.length ?? projectCount;
	return (
		<ul className="list-disc space-y-1.5 pl-4">
			<li>
				{count === 0 ? 'No project uses it.' : `It is removed from ${named(projects, count)}. ${afterwards(successor)}`}
			</li>
			{!scripted && <li>The {what} is deleted from this server.</li>}
			{!scripted && (
				<li>
					At {providerName} the {what} stays valid until you revoke it there.{' '}
					<RevokeLink authType={authType} provider={provider} />
				</li>
			)}
		</ul>
	);
}

function afterwards(successor: ConnectionView | undefined): string {
	return successor === undefined
		? 'Prompts that need it wait until you connect it again or choose another model.'
		: `They go on with ${connectionName(successor)}.`;
}

/** "Blog, Shop and 2 more" */
function named(projects: ConnectionProject[] | null, count: number): string {
	const names = (projects ?? []).slice(0, 3).map(({ name }) => name);
	if (names.length === 0) return count === 1 ? '1 project' : `${count} projects`;
	const rest = count - names.length;
	return rest <= 0 ? new Intl.ListFormat('en').format(names) : `${names.join(', ')} and ${rest} more`;
}
