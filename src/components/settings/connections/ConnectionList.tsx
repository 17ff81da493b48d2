import type { Isolation } from '#shared/projects.ts';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Card } from '../../ui/Card.tsx';
import type { RowAction } from './ConnectionMenu.tsx';
import { ConnectionRow } from './ConnectionRow.tsx';

type Props = {
	/** In the order of preference. */
	connections: ConnectionView[];
	providers: AvailableProvider[];
	/** How well projects are kept apart: a row claims no more than that holds. */
	level: Isolation['level'];
	/** The ids of those whose key is being tried. */
	checking: string[];
	onAction: (connection: ConnectionView, action: RowAction) => void;
};

export function ConnectionList({ connections, providers, level, checking, onAction }: Props) {
	const hasTwins = ({ id, providerId }: ConnectionView) =>
		connections.some((other) => other.providerId === providerId && other.id !== id);
	// A legacy key is the last, and moves nowhere.
	const last = connections.findLastIndex(({ legacy }) => !legacy);
	return (
		<Card flush>
			<ul aria-label="Connected providers" className="divide-y divide-line">
				{connections.map((connection, at) => (
					<ConnectionRow
						key={connection.id}
						connection={connection}
						level={level}
						place={{ isFirst: at === 0, isLast: at >= last, hasTwins: hasTwins(connection) }}
						billingUrl={providers.find(({ id }) => id === connection.providerId)?.billingUrl ?? null}
						checking={checking.includes(connection.id)}
						onAction={(action) => onAction(connection, action)}
					/>
				))}
			</ul>
		</Card>
	);
}
