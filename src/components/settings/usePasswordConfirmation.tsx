import { actions } from 'astro:actions';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { callAction, type Result } from '../ui/callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { SecretInput } from '../ui/SecretInput.tsx';

type Confirmation = {
	/** Calls; if doce wants the password first, asks for it and calls again. Declined, the refusal is the result. */
	confirmed: <T>(call: () => Promise<Result<T>>) => Promise<Result<T>>;
	/** To be rendered where the calls are made. */
	dialog: ReactNode;
};

/** A credential changes only within 15 minutes of a sign-in or a password: this asks when they have passed. */
export function usePasswordConfirmation(): Confirmation {
	const [answer, setAnswer] = useState<((given: boolean) => void) | null>(null);
	const ask = () => new Promise<boolean>((resolve) => setAnswer(() => resolve));
	const confirmed: Confirmation['confirmed'] = async (call) => {
		const first = await call();
		if (first.ok || first.code !== 'forbidden' || !first.message.startsWith('Confirm your password')) return first;
		const given = await ask();
		setAnswer(null);
		return given ? call() : first;
	};
	return { confirmed, dialog: answer && <ConfirmPasswordDialog onAnswer={answer} /> };
}

function ConfirmPasswordDialog({ onAnswer }: { onAnswer: (given: boolean) => void }) {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		event.stopPropagation();
		const password = String(new FormData(event.currentTarget).get('password'));
		setBusy(true);
		const result = await callAction(actions.users.confirmPassword({ password }));
		setBusy(false);
		if (result.ok) onAnswer(true);
		else setError(result.message);
	};
	return (
		<Dialog
			open
			onOpenChange={() => onAnswer(false)}
			size="sm"
			flush
			title="Confirm your password"
			description="You signed in a while ago. Changing a key asks for your password again."
		>
			<form onSubmit={submit} className="flex min-h-0 flex-col">
				<DialogBody>
					<Field label="Password" error={error}>
						<SecretInput name="password" what="password" autoComplete="current-password" required />
					</Field>
				</DialogBody>
				<DialogFooter>
					<Button onClick={() => onAnswer(false)}>Cancel</Button>
					<Button type="submit" variant="primary" busy={busy}>
						{busy ? 'Checking…' : 'Confirm'}
					</Button>
				</DialogFooter>
			</form>
		</Dialog>
	);
}
