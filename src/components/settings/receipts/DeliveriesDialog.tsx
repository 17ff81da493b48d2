import { PackageCheck } from 'lucide-react';
import type { ConnectionView } from '#shared/providers.ts';
import type { ReceiptView } from '#shared/receipts.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { WhenLoaded } from '../../ui/WhenLoaded.tsx';
import { connectionName } from '../connections/connectionWords.ts';
import { type ProjectLine, ProjectLines } from './ProjectLines.tsx';
import { byVersion, receiptWords } from './receiptWords.ts';
import { useReceipts } from './useReceipts.ts';

type Props = { connection: ConnectionView; onClose: () => void };

/** Where each version of a connection's credential has arrived. */
export function DeliveriesDialog({ connection, onClose }: Props) {
	const { list: data, error, reload } = useReceipts(connection.id);
	return (
		<Dialog
			open
			onOpenChange={onClose}
			title={`Deliveries: ${connectionName(connection)}`}
			description="Each change of the credential, and the projects it had to reach."
		>
			<div aria-live="polite">
				<WhenLoaded loaded={{ data, error, reload }} skeleton="h-24 w-full">
					{(receipts) => <Versions receipts={receipts} />}
				</WhenLoaded>
			</div>
		</Dialog>
	);
}

export function Versions({ receipts }: { receipts: ReceiptView[] }) {
	if (receipts.length === 0) {
		return (
			<EmptyState icon={<PackageCheck size={24} aria-hidden />} title="Nothing had to be delivered yet">
				A project that starts is given the newest credential; a change is brought to those that run.
			</EmptyState>
		);
	}
	return (
		<div className="flex flex-col gap-5">
			{byVersion(receipts).map(({ version, receipts: entries }, at) => (
				<section key={version} aria-label={`Version ${version}`}>
					<h3 className="mb-2 text-sm font-medium text-ink-soft">
						Version {version}
						{at === 0 && ', the newest'}
					</h3>
					<ProjectLines label={`Version ${version}`} lines={entries.map(toLine)} />
				</section>
			))}
		</div>
	);
}

function toLine(receipt: ReceiptView): ProjectLine {
	const { projectId, projectName, detail, at } = receipt;
	const facts = { projectId, detail, at, ...receiptWords(receipt) };
	if (projectName === null) return { ...facts, name: 'A deleted project' };
	return { ...facts, name: projectName, href: `/projects/${projectId}` };
}
