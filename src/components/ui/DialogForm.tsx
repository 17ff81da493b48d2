import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Button } from './Button.tsx';
import { DialogBody, DialogFooter } from './Dialog.tsx';

type Props = { save: () => Promise<void>; onClose: () => void; children: ReactNode };

/** All of a `flush` Dialog that changes something: its fields, and Save beside Cancel. */
export function DialogForm({ save, onClose, children }: Props) {
	const [busy, setBusy] = useState(false);
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		void save().finally(() => setBusy(false));
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-col">
			<DialogBody>{children}</DialogBody>
			<DialogFooter>
				<Button onClick={onClose}>Cancel</Button>
				<Button type="submit" variant="primary" busy={busy}>
					{busy ? 'Saving…' : 'Save'}
				</Button>
			</DialogFooter>
		</form>
	);
}
