import { actions } from 'astro:actions';
import { useState } from 'react';
import type { MoveInEntry, MoveInResult, PlainKeyFile } from '#shared/moveIn.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { keys, resultWords } from './moveInWords.ts';
import type { Pasted } from './PasteStep.tsx';

export type Imported = { results: MoveInResult[]; files: PlainKeyFile[] };

type Props = {
	pasted: Pasted;
	entries: MoveInEntry[];
	first: Imported;
	onImported: (imported: Imported) => void;
	onClose: () => void;
};

/** What became of each chosen key, and where keys still lie in plain text. */
export function ImportResults({ pasted, entries, first, onImported, onClose }: Props) {
	const [{ results, files }, setImported] = useState(first);
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const untested = results.filter(({ skippable }) => skippable).map(({ entryId }) => entryId);
	const importUntested = async () => {
		setBusy(true);
		const input = { ...pasted, choose: untested, skipTest: true };
		const result = await confirmed(() => callAction(actions.settings.moveIn(input)));
		setBusy(false);
		if (!result.ok) return setError(result.message);
		onImported(result.data);
		const again = new Map(result.data.results.map((one) => [one.entryId, one]));
		setImported({ files: result.data.files, results: results.map((one) => again.get(one.entryId) ?? one) });
	};
	return (
		<>
			<DialogBody>
				<p role="status" className="font-medium">
					{resultWords(results)}
				</p>
				<ul aria-label="Results" className="divide-y divide-line rounded-lg border border-line">
					{results.map((result) => (
						<ResultLine key={result.entryId} result={result} entry={entries.find(({ id }) => id === result.entryId)} />
					))}
				</ul>
				<PlainFiles files={files} />
				<p role="alert" className="text-sm text-bad empty:hidden">
					{error}
				</p>
			</DialogBody>
			<DialogFooter>
				{untested.length > 0 && (
					<Button variant="ghost" busy={busy} onClick={() => void importUntested()}>
						Import {keys(untested.length)} without testing
					</Button>
				)}
				<Button variant="primary" onClick={onClose}>
					Done
				</Button>
			</DialogFooter>
			{dialog}
		</>
	);
}

function ResultLine({ result, entry }: { result: MoveInResult; entry: MoveInEntry | undefined }) {
	const { state, reason, connection } = result;
	return (
		<li className="flex flex-wrap items-start gap-x-3 gap-y-1 px-3 py-2.5">
			<span className="min-w-0 flex-1 basis-40">
				<span className="block font-medium">{entry?.providerName}</span>
				<span className="block text-sm break-all text-ink-soft">
					<span className="font-mono">{entry?.source}</span>
					{connection !== null && ` · as “${connection.label}”`}
				</span>
			</span>
			<StatusBadge tone={state === 'connected' ? 'ok' : 'bad'}>
				{state === 'connected' ? 'Connected' : 'Not imported'}
			</StatusBadge>
			{reason !== null && <span className="w-full text-sm text-bad">{reason}</span>}
		</li>
	);
}

function PlainFiles({ files }: { files: PlainKeyFile[] }) {
	if (files.length === 0) return null;
	return (
		<section aria-labelledby="plain-files" className="rounded-lg bg-warn-soft px-3 py-2.5">
			<h3 id="plain-files" className="font-medium">
				Keys may still lie in plain text
			</h3>
			<p className="mt-0.5 text-sm text-ink-soft">
				doce does not open or delete these files. Remove the keys from them, or delete them, once you do not need them.
			</p>
			<ul className="mt-2 space-y-1 text-sm">
				{files.map(({ path, where }) => (
					<li key={`${where} ${path}`} className="break-all">
						<code className="font-mono">{path}</code>{' '}
						<span className="text-ink-soft">{where === 'given' ? 'that you chose' : 'on this server'}</span>
					</li>
				))}
			</ul>
		</section>
	);
}
