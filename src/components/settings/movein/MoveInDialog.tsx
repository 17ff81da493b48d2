import { useState } from 'react';
import type { MoveInPreview } from '#shared/moveIn.ts';
import type { ConnectionView } from '#shared/providers.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { ChooseStep } from './ChooseStep.tsx';
import { type Imported, ImportResults } from './ImportResults.tsx';
import { type Pasted, PasteStep } from './PasteStep.tsx';

type Props = { onClose: () => void; onConnected: (connection: ConnectionView) => void };

type Step =
	| { at: 'paste' }
	| { at: 'choose'; preview: MoveInPreview }
	| { at: 'done'; preview: MoveInPreview; imported: Imported };

const TITLES = { paste: 'Move in', choose: 'Choose what to import', done: 'What was imported' };

/** Paste, choose, see what became of it. One dialog, so that nothing jumps between the steps. */
export function MoveInDialog({ onClose, onConnected }: Props) {
	const [pasted, setPasted] = useState<Pasted>({ text: '' });
	const [step, setStep] = useState<Step>({ at: 'paste' });
	const keep = (imported: Imported) => {
		for (const { connection } of imported.results) if (connection !== null) onConnected(connection);
	};
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="lg"
			flush
			dismissible={step.at === 'paste' && pasted.text === ''}
			title={TITLES[step.at]}
		>
			{step.at === 'paste' && (
				<PasteStep
					pasted={pasted}
					onChange={setPasted}
					onRead={(given, preview) => {
						setPasted(given);
						setStep({ at: 'choose', preview });
					}}
				/>
			)}
			{step.at === 'choose' && (
				<ChooseStep
					pasted={pasted}
					preview={step.preview}
					onBack={() => setStep({ at: 'paste' })}
					onImported={(imported) => {
						keep(imported);
						setStep({ ...step, at: 'done', imported });
					}}
				/>
			)}
			{step.at === 'done' && (
				<ImportResults
					pasted={pasted}
					entries={step.preview.entries}
					first={step.imported}
					onImported={keep}
					onClose={onClose}
				/>
			)}
		</Dialog>
	);
}
