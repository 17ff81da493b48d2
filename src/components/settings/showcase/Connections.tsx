import { Card } from '../../ui/Card.tsx';
import { toast } from '../../ui/toast.ts';
import { ConnectionList } from '../connections/ConnectionList.tsx';
import { connectionName } from '../connections/connectionWords.ts';
import { FallbackSettings } from '../fallback/FallbackSettings.tsx';
import { Versions } from '../receipts/DeliveriesDialog.tsx';
import { ProjectLines } from '../receipts/ProjectLines.tsx';
import { toLine } from '../receipts/ProjectsDialog.tsx';
import { RemovalProgress } from '../receipts/RemovalProgress.tsx';
import { CONNECTIONS, PROJECTS, PROVIDERS, RECEIPTS } from './fixtures.ts';

/** Connections in every state, and what became of their changes. */
export function Connections() {
	return (
		<div className="flex flex-col gap-10">
			<ConnectionList
				connections={CONNECTIONS}
				providers={PROVIDERS}
				level="isolated"
				checking={['c10']}
				onAction={(connection, action) => toast.ok(`${connectionName(connection)}: ${action}`)}
			/>
			<FallbackSettings fallback={{ mode: 'automatic', returns: true }} connections={CONNECTIONS} />
			<div className="grid items-start gap-5 sm:grid-cols-2">
				<Card>
					<Versions receipts={RECEIPTS} />
				</Card>
				<Card>
					<RemovalProgress before={PROJECTS} receipts={RECEIPTS} />
				</Card>
				<Card>
					<ProjectLines label="Projects, as they stand" lines={PROJECTS.map(toLine)} />
				</Card>
				<Card>
					<Versions receipts={[]} />
				</Card>
			</div>
		</div>
	);
}
