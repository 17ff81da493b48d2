import { actions } from 'astro:actions';
import { ArrowLeft, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { LocalServer } from '#shared/localServers.ts';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { LoadFailure } from '../../ui/LoadFailure.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { toast } from '../../ui/toast.ts';
import { useLoaded } from '../../ui/useLoaded.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { LocalServerRow } from './LocalServerRow.tsx';
import { localInput } from './localInput.ts';

type Props = {
	onBack: () => void;
	/** For one at another address. */
	onCustom: () => void;
	onConnected: (connection: ConnectionView) => void;
};

/** The step of the Add dialog for model servers on this machine: what runs, what is wrong, one click to connect. */
export function LocalServersDialog({ onBack, onCustom, onConnected }: Props) {
	const found = useLoaded(() => actions.settings.findLocalServers(), '');
	const [connecting, setConnecting] = useState<string | null>(null);
	const [failure, setFailure] = useState<{ kind: string; message: string } | null>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const connect = async (server: LocalServer) => {
		setConnecting(server.kind);
		setFailure(null);
		const result = await confirmed(() => callAction(actions.settings.connectProvider(localInput(server))));
		setConnecting(null);
		if (!result.ok) return setFailure({ kind: server.kind, message: result.message });
		toast.ok(`${server.name} is connected`);
		onConnected(result.data.connection);
	};
	return (
		<div className="flex min-h-0 flex-1 flex-col">
			<DialogBody>
				{found.error !== null && <LoadFailure error={found.error} onRetry={found.reload} />}
				{found.error === null && found.data === null && (
					<Spinner label="Looking for Ollama and LM Studio…" className="text-ink-soft" />
				)}
				{found.error === null && found.data !== null && (
					<ul aria-label="On this machine" className="divide-y divide-line rounded-lg border border-line">
						{found.data.servers.map((server) => (
							<LocalServerRow
								key={server.kind}
								server={server}
								busy={connecting === server.kind}
								error={failure?.kind === server.kind ? failure.message : null}
								onConnect={() => connect(server)}
							/>
						))}
					</ul>
				)}
				<p className="text-sm text-ink-faint">
					{found.data?.inContainer === true && 'doce runs in a container, so it also looks at the machine around it. '}
					One on another machine or port is a{' '}
					<button type="button" className="text-accent-text underline underline-offset-2" onClick={onCustom}>
						custom endpoint
					</button>
					.
				</p>
			</DialogBody>
			<DialogFooter
				start={<IconButton label="Back to the providers" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}
			>
				<Button icon={<RotateCw size={14} aria-hidden />} busy={found.loading} onClick={found.reload}>
					{found.loading ? 'Looking…' : 'Look again'}
				</Button>
			</DialogFooter>
			{dialog}
		</div>
	);
}
