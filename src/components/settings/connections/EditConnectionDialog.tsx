import { actions } from 'astro:actions';
import { type SubmitEvent, useRef, useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { toast } from '../../ui/toast.ts';
import { DeliveryField } from '../delivery/DeliveryField.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = {
	connection: ConnectionView;
	/** What the person came for: it has the focus. */
	focus: 'label' | 'key';
	onClose: () => void;
	onSaved: (connection: ConnectionView) => void;
};

/** Another name, another key, another place for it; an empty key keeps the present one. */
export function EditConnectionDialog({ connection, focus, onClose, onSaved }: Props) {
	const [form, setForm] = useState({ label: connection.label, apiKey: '', delivery: connection.delivery });
	const [failure, setFailure] = useState<Failure | null>(null);
	const [busy, setBusy] = useState(false);
	const first = useRef<HTMLInputElement>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const withKey = form.apiKey.trim() !== '';
	const save = async (skipTest: boolean) => {
		const label = form.label.trim();
		setBusy(true);
		const result = await confirmed(() =>
			callAction(
				actions.settings.updateProviderConnection({
					connectionId: connection.id,
					...(label === connection.label ? {} : { label }),
					...(form.delivery === connection.delivery ? {} : { delivery: form.delivery }),
					...(withKey ? { apiKey: form.apiKey.trim(), skipTest } : {}),
				}),
			),
		);
		setBusy(false);
		if (!result.ok) return setFailure(result);
		toast.ok(withKey ? `The key of ${connection.providerName} is replaced` : 'Saved');
		onSaved(result.data.connection);
		onClose();
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		void save(false);
	};
	const keyHint =
		connection.lastFour === null
			? 'Leave empty to keep the present key.'
			: `Leave empty to keep ···${connection.lastFour}.`;
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			initialFocus={first}
			dismissible={!withKey}
			title={`Edit ${connection.providerName}`}
		>
			<form onSubmit={submit} className="flex min-h-0 flex-col">
				<DialogBody>
					<Field label="Label" error={withKey ? null : failure?.message}>
						<Input
							value={form.label}
							onChange={(event) => setForm({ ...form, label: event.target.value })}
							required
							maxLength={60}
							ref={focus === 'label' ? first : null}
						/>
					</Field>
					{!connection.scripted && (
						<Field label="New API key" optional hint={keyHint} error={withKey ? failure?.message : null}>
							<SecretInput
								what="key"
								mono
								value={form.apiKey}
								onChange={(event) => setForm({ ...form, apiKey: event.target.value })}
								ref={focus === 'key' ? first : null}
							/>
						</Field>
					)}
					{!connection.scripted && (
						<DeliveryField
							connection={connection}
							value={form.delivery}
							onChange={(delivery) => setForm({ ...form, delivery })}
						/>
					)}
				</DialogBody>
				<DialogFooter
					start={
						withKey &&
						failure?.code === 'unavailable' && (
							<Button variant="ghost" disabled={busy} onClick={() => save(true)}>
								Save without testing
							</Button>
						)
					}
				>
					<Button onClick={onClose}>Cancel</Button>
					<Button type="submit" variant="primary" busy={busy}>
						{submitWords(busy, withKey, connection.providerName)}
					</Button>
				</DialogFooter>
			</form>
			{dialog}
		</Dialog>
	);
}

function submitWords(busy: boolean, withKey: boolean, providerName: string): string {
	if (!busy) return withKey ? 'Test and save' : 'Save';
	return withKey ? `Checking with ${providerName}…` : 'Saving…';
}
