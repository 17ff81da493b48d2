import { actions } from 'astro:actions';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { PackageHosts } from '#shared/packages.ts';
import type { Isolation } from '#shared/projects.ts';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { BudgetDialog } from '../ui/budget/BudgetDialog.tsx';
import { callAction } from '../ui/callAction.ts';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { toast } from '../ui/toast.ts';
import { AddProviderDialog } from './AddProviderDialog.tsx';
import { ConnectionList } from './connections/ConnectionList.tsx';
import type { RowAction } from './connections/ConnectionMenu.tsx';
import { connectionName } from './connections/connectionWords.ts';
import { DisconnectDialog } from './connections/DisconnectDialog.tsx';
import { EditConnectionDialog } from './connections/EditConnectionDialog.tsx';
import { type Connections, useConnections } from './connections/useConnections.ts';
import { FirstConnection } from './FirstConnection.tsx';
import { type Fallback, FallbackSettings } from './fallback/FallbackSettings.tsx';
import { IsolationNotice } from './isolation/IsolationNotice.tsx';
import { IsolationSettings } from './isolation/IsolationSettings.tsx';
import { MoveIn } from './movein/MoveIn.tsx';
import { DeliveriesDialog } from './receipts/DeliveriesDialog.tsx';
import { ProjectsDialog } from './receipts/ProjectsDialog.tsx';
import { RefreshDialog } from './wellknown/RefreshDialog.tsx';

type Props = {
	connections: ConnectionView[];
	providers: AvailableProvider[];
	fallback: Fallback;
	isolation: Isolation;
	/** Where packages may come from; null for who may not change it. */
	packages: PackageHosts | null;
};

/** What is done at once; everything else opens a dialog. */
type AtOnce = 'test' | 'activate' | 'prefer' | 'moveUp' | 'moveDown' | 'upgrade';
type Opening = Exclude<RowAction, AtOnce>;
type Doing = { action: 'add' } | { action: Opening; connection: ConnectionView } | null;

export function SettingsProviders({ connections, providers, fallback, isolation, packages }: Props) {
	const shown = useConnections({ connections, isolation });
	const { level } = shown.isolation;
	const [doing, setDoing] = useState<Doing>(null);
	const { checking, act, said } = useRowActions(shown, setDoing);
	return (
		<div className="flex flex-col gap-10">
			<section aria-labelledby="providers">
				<SectionHeader
					id="providers"
					title="Connected providers"
					action={
						<div className="flex flex-wrap gap-2">
							<MoveIn onConnected={shown.put} />
							<Button
								variant="primary"
								icon={<Plus size={16} aria-hidden />}
								onClick={() => setDoing({ action: 'add' })}
							>
								Add provider
							</Button>
						</div>
					}
				>
					Keys are encrypted on this server and never shown again.
				</SectionHeader>
				<IsolationNotice isolation={shown.isolation} />
				{shown.list.length === 0 ? (
					<FirstConnection providers={providers} onConnected={shown.put} />
				) : (
					<ConnectionList
						connections={shown.list}
						providers={providers}
						level={level}
						checking={checking}
						onAction={act}
					/>
				)}
				<p role="status" className="sr-only">
					{said}
				</p>
			</section>
			{shown.list.length > 0 && <FallbackSettings fallback={fallback} connections={shown.list} />}
			<IsolationSettings isolation={shown.isolation} packages={packages} />
			<OpenDialog doing={doing} onClose={() => setDoing(null)} shown={shown} providers={providers} />
		</div>
	);
}

/** What a row asks for; `said` tells a screen reader what happened to its place. */
function useRowActions(shown: Connections, setDoing: (doing: Doing) => void) {
	const [checking, setChecking] = useState<string[]>([]);
	const [said, setSaid] = useState('');
	const test = async (connection: ConnectionView) => {
		setChecking((before) => [...before, connection.id]);
		await testConnection(connection);
		setChecking((before) => before.filter((id) => id !== connection.id));
	};
	const move = (connection: ConnectionView, by: -1 | 1) => {
		const place = shown.list.findIndex(({ id }) => id === connection.id) + by + 1;
		setSaid(`${connectionName(connection)} is now number ${place} of ${shown.list.length}.`);
		void shown.move(connection.id, by);
	};
	const act = (connection: ConnectionView, action: RowAction) => {
		if (action === 'test') void test(connection);
		else if (action === 'prefer') void makeDefault(shown, connection);
		else if (action === 'activate') void activate(shown, connection);
		else if (action === 'moveUp') move(connection, -1);
		else if (action === 'moveDown') move(connection, 1);
		else if (action === 'upgrade') void upgrade();
		else setDoing({ action, connection });
	};
	return { checking, act, said };
}

type DialogProps = { doing: Doing; onClose: () => void; shown: Connections; providers: AvailableProvider[] };

function OpenDialog({ doing, onClose, shown, providers }: DialogProps) {
	if (doing === null) return null;
	if (doing.action === 'add')
		return <AddProviderDialog providers={providers} onClose={onClose} onConnected={shown.put} />;
	const { action, connection } = doing;
	const provider = providers.find(({ id }) => id === connection.providerId);
	switch (action) {
		case 'projects':
			return <ProjectsDialog connection={connection} onClose={onClose} />;
		case 'budgets': {
			const of = { subject: 'connection' as const, subjectId: connection.id, name: connectionName(connection) };
			return <BudgetDialog of={of} onClose={onClose} />;
		}
		case 'deliveries':
			return <DeliveriesDialog connection={connection} onClose={onClose} />;
		case 'disconnect': {
			const onRemoved = () => shown.remove(connection.id);
			const others = shown.list.filter(
				({ id, providerId }) => id !== connection.id && providerId === connection.providerId,
			);
			const successor = others.find(({ active }) => active) ?? others[0];
			return <DisconnectDialog {...{ connection, provider, successor, onClose, onRemoved }} />;
		}
		case 'refresh':
			return <RefreshDialog connection={connection} onClose={onClose} onSaved={shown.put} />;
		case 'signIn':
			return (
				<AddProviderDialog
					providers={providers}
					provider={provider}
					again={connection}
					onClose={onClose}
					onConnected={shown.put}
				/>
			);
		default: {
			const focus = action === 'edit' ? 'label' : 'key';
			return (
				<EditConnectionDialog
					connection={connection}
					provider={provider}
					level={shown.isolation.level}
					focus={focus}
					onClose={onClose}
					onSaved={shown.put}
				/>
			);
		}
	}
}

/** The live stream brings the connection that the legacy key has become. */
async function upgrade(): Promise<void> {
	const result = await callAction(actions.settings.migrateToProviderSystem());
	if (result.ok) toast.ok('Upgraded', 'The key is a connection now.');
	else toast.bad('The key could not be upgraded', result.message);
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

async function activate(shown: Connections, connection: ConnectionView): Promise<void> {
	const result = await callAction(actions.settings.activateConnection({ connectionId: connection.id }));
	if (!result.ok) return void toast.bad('The account was not changed', result.message);
	shown.put(result.data.connection);
	toast.ok(`Projects use ${connectionName(connection)} now`, 'From their next message on.');
}
