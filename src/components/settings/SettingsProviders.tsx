import { actions } from 'astro:actions';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { callAction } from '../ui/callAction.ts';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { toast } from '../ui/toast.ts';
import { AddProviderDialog } from './AddProviderDialog.tsx';
import { ConnectionRow, type RowAction } from './connections/ConnectionRow.tsx';
import { DisconnectDialog } from './connections/DisconnectDialog.tsx';
import { EditConnectionDialog } from './connections/EditConnectionDialog.tsx';
import { type Connections, useConnections } from './connections/useConnections.ts';
import { FirstConnection } from './FirstConnection.tsx';
import { MoveIn } from './movein/MoveIn.tsx';

type Props = { connections: ConnectionView[]; providers: AvailableProvider[] };
type Doing = { action: 'add' } | { action: Exclude<RowAction, 'test' | 'prefer'>; connection: ConnectionView } | null;

export function SettingsProviders({ connections, providers }: Props) {
	const shown = useConnections(connections);
	const [doing, setDoing] = useState<Doing>(null);
	const [checking, setChecking] = useState<string[]>([]);
	const test = async (connection: ConnectionView) => {
		setChecking((before) => [...before, connection.id]);
		await testConnection(connection);
		setChecking((before) => before.filter((id) => id !== connection.id));
	};
	const act = (connection: ConnectionView) => (action: RowAction) => {
		if (action === 'test') void test(connection);
		else if (action === 'prefer') void makeDefault(shown, connection);
		else setDoing({ action, connection });
	};
	return (
		<section aria-labelledby="providers">
			<SectionHeader
				id="providers"
				title="Connected providers"
				action={
					<div className="flex flex-wrap gap-2">
						<MoveIn onConnected={shown.put} />
						<Button variant="primary" icon={<Plus size={16} aria-hidden />} onClick={() => setDoing({ action: 'add' })}>
							Add provider
						</Button>
					</div>
				}
			>
				Keys are encrypted on this server and never shown again.
			</SectionHeader>
			{shown.list.length === 0 ? (
				<FirstConnection providers={providers} onConnected={shown.put} />
			) : (
				<Card flush>
					<ul aria-label="Connected providers" className="divide-y divide-line">
						{shown.list.map((connection) => (
							<ConnectionRow
								key={connection.id}
								connection={connection}
								checking={checking.includes(connection.id)}
								onAction={act(connection)}
							/>
						))}
					</ul>
				</Card>
			)}
			<OpenDialog doing={doing} onClose={() => setDoing(null)} shown={shown} providers={providers} />
		</section>
	);
}

type DialogProps = { doing: Doing; onClose: () => void; shown: Connections; providers: AvailableProvider[] };

function OpenDialog({ doing, onClose, shown, providers }: DialogProps) {
	if (doing === null) return null;
	if (doing.action === 'add')
		return <AddProviderDialog providers={providers} onClose={onClose} onConnected={shown.put} />;
	const { connection } = doing;
	if (doing.action === 'disconnect') {
		const keyUrl = providers.find((provider) => provider.id === connection.providerId)?.keyUrl ?? null;
		const onRemoved = () => shown.remove(connection.id);
		return <DisconnectDialog connection={connection} keyUrl={keyUrl} onClose={onClose} onRemoved={onRemoved} />;
	}
	const focus = doing.action === 'edit' ? 'label' : 'key';
	return <EditConnectionDialog connection={connection} focus={focus} onClose={onClose} onSaved={shown.put} />;
}

async function testConnection({ id, providerName }: ConnectionView): Promise<void> {
	const result = await callAction(actions.settings.testProviderConnection({ connectionId: id }));
	if (!result.ok) return void toast.bad(`${providerName} could not be tested`, result.message);
	const { ok, message } = result.data;
	if (ok) toast.ok(`${providerName} works`, message);
	else toast.bad(`${providerName} did not accept the test`, message);
}

async function makeDefault(shown: Connections, connection: ConnectionView): Promise<void> {
	const input = { connectionId: connection.id, preferred: true };
	const result = await callAction(actions.settings.updateProviderConnection(input));
	if (result.ok) shown.put(result.data.connection);
	else toast.bad('The default was not changed', result.message);
}
