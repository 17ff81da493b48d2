import { actions } from 'astro:actions';
import { ArrowLeft } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import type { MoveInPreview } from '#shared/moveIn.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { EntryList } from './EntryList.tsx';
import type { Imported } from './ImportResults.tsx';
import { ignoredWords, keys } from './moveInWords.ts';
import type { Pasted } from './PasteStep.tsx';

type Props = {
	pasted: Pasted;
	preview: MoveInPreview;
	onBack: () => void;
	onImported: (imported: Imported) => void;
};

export function ChooseStep({ pasted, preview, onBack, onImported }: Props) {
	const { entries, ignored } = preview;
	const [chosen, setChosen] = useState(() => entries.filter(({ suggested }) => suggested).map(({ id }) => id));
	const [tests, setTests] = useState(true);
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (busy || chosen.length === 0) return;
		setBusy(true);
		setError(null);
		const input = { ...pasted, choose: chosen, skipTest: !tests };
		const result = await confirmed(() => callAction(actions.settings.moveIn(input)));
		setBusy(false);
		if (result.ok) onImported(result.data);
		else setError(result.message);
	};
	const nothing = entries.every(({ state }) => state !== 'new') ? 'There is nothing new in it.' : 'Choose a key first.';
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<EntryList entries={entries} chosen={chosen} onChange={setChosen} />
				{ignored > 0 && <p className="text-sm text-ink-faint">{ignoredWords(ignored)}</p>}
				<Switch
					checked={tests}
					onChange={setTests}
					label="Test each key first"
					hint={
						tests
							? 'One call to its provider; a key that is refused does not come in.'
							: 'They come in as they are, marked as not tested.'
					}
				/>
				<p role="alert" className="text-sm text-bad empty:hidden">
					{error}
				</p>
			</DialogBody>
			<DialogFooter
				start={<IconButton label="Back to the text" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}
			>
				<Button type="submit" variant="primary" busy={busy} disabledReason={chosen.length === 0 ? nothing : undefined}>
					{busy ? busyWords(chosen.length, tests) : `${tests ? 'Test and import' : 'Import'} ${keys(chosen.length)}`}
				</Button>
			</DialogFooter>
			{dialog}
		</form>
	);
}

function busyWords(count: number, tests: boolean): string {
	return tests ? `Testing ${keys(count)}…` : `Importing ${keys(count)}…`;
}
