import { actions } from 'astro:actions';
import { FileUp } from 'lucide-react';
import { type DragEvent, type SubmitEvent, useRef, useState } from 'react';
import type { MoveInPreview } from '#shared/moveIn.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { cx } from '../../ui/cx.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Textarea } from '../../ui/Textarea.tsx';

/** What is moved in. It is kept nowhere but in the dialog. */
export type Pasted = { text: string; fileName?: string };

type Props = {
	pasted: Pasted;
	onChange: (pasted: Pasted) => void;
	onRead: (pasted: Pasted, preview: MoveInPreview) => void;
};

const LONGEST = 200_000;

export function PasteStep({ pasted, onChange, onRead }: Props) {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const [isOver, setOver] = useState(false);
	const read = async (given: Pasted) => {
		if (given.text.trim() === '') return setError('Paste something first, or choose a file.');
		setBusy(true);
		const result = await callAction(actions.settings.previewMoveIn(given));
		setBusy(false);
		if (!result.ok) return setError(result.message);
		if (result.data.entries.length === 0) return setError('There is no provider’s key in it.');
		onRead(given, result.data);
	};
	const take = async (file: File | undefined) => {
		if (file === undefined) return;
		if (file.size > LONGEST) return setError('That file is too large to hold keys: 200,000 characters at most.');
		setError(null);
		await read({ text: await file.text(), fileName: file.name });
	};
	const drop = (event: DragEvent) => {
		event.preventDefault();
		setOver(false);
		void take(event.dataTransfer.files[0]);
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) void read(pasted);
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<p className="text-ink-soft">
					Bring keys in from OpenCode’s auth.json, a .env file, or the export lines of a shell. You see first what is in
					it; nothing is kept until you choose.
				</p>
				{/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button below is the keyboard's */}
				<div
					onDragOver={(event) => {
						event.preventDefault();
						setOver(true);
					}}
					onDragLeave={() => setOver(false)}
					onDrop={drop}
					className={cx(
						'flex flex-col gap-3 rounded-lg border border-dashed p-3',
						isOver ? 'border-accent bg-accent-soft' : 'border-line-strong',
					)}
				>
					<Field label="Keys" error={error}>
						<Textarea
							mono
							rows={7}
							className="max-h-56 overflow-y-auto"
							value={pasted.text}
							onChange={(event) => onChange({ text: event.target.value })}
							maxLength={LONGEST}
							placeholder={'ANTHROPIC_API_KEY=…\nexport OPENAI_API_KEY=…'}
							spellCheck={false}
							autoComplete="off"
							autoCapitalize="off"
						/>
					</Field>
					<FileButton onFile={(file) => void take(file)} />
				</div>
			</DialogBody>
			<DialogFooter>
				<Button type="submit" variant="primary" busy={busy}>
					{busy ? 'Reading…' : 'Show what is in it'}
				</Button>
			</DialogFooter>
		</form>
	);
}

function FileButton({ onFile }: { onFile: (file: File | undefined) => void }) {
	const input = useRef<HTMLInputElement>(null);
	return (
		<div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-ink-soft">
			<Button size="sm" icon={<FileUp size={14} aria-hidden />} onClick={() => input.current?.click()}>
				Choose a file
			</Button>
			or drop one here
			<input
				ref={input}
				type="file"
				hidden
				aria-label="File with keys"
				onChange={(event) => {
					onFile(event.target.files?.[0]);
					// So that the same file can be chosen again after it was changed.
					event.target.value = '';
				}}
			/>
		</div>
	);
}
