import { actions } from 'astro:actions';
import { type SubmitEvent, useRef, useState } from 'react';
import type { Isolation } from '#shared/projects.ts';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { toast } from '../../ui/toast.ts';
import { DeliveryField } from '../delivery/DeliveryField.tsx';
import { editFormInput, editFormOf } from '../key/editForm.ts';
import { fieldFault, promptsOf } from '../key/keyForm.ts';
import { PromptFields } from '../key/PromptFields.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = {
	connection: ConnectionView;
	/** Where it stands in the list, for what it asks beside the key. */
	provider: AvailableProvider | undefined;
	level: Isolation['level'];
	/** What the person came for: it has the focus. */
	focus: 'label' | 'key';
	onClose: () => void;
	onSaved: (connection: ConnectionView) => void;
};

/** Another name, another key, other fields, another place for the key; an empty key keeps the present one. */
export function EditConnectionDialog({ connection, provider, level, focus, onClose, onSaved }: Props) {
	const [form, setForm] = useState(editFormOf(connection));
	const [failure, setFailure] = useState<Failure | null>(null);
	const [busy, setBusy] = useState(false);
	const first = useRef<HTMLInputElement>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const { providerName, scripted, authType, baseUrl } = connection;
	const secret = authType === 'wellknown' ? 'token' : 'key';
	const prompts = authType === 'api' && baseUrl === null ? promptsOf(provider) : [];
	const checked = editFormInput(connection, prompts, form, false);
	const isTested = checked.ok && checked.tested;
	const fault = fieldFault(prompts, failure?.message);
	const save = async (skipTest: boolean) => {
		const now = editFormInput(connection, prompts, form, skipTest);
		if (!now.ok) return setFailure({ ok: false, code: 'invalid', message: now.message });
		setBusy(true);
		const result = await confirmed(() => callAction(actions.settings.updateProviderConnection(now.input)));
		setBusy(false);
		if (!result.ok) return setFailure(result);
		toast.ok(now.input.apiKey === undefined ? 'Saved' : `The ${secret} of ${providerName} is replaced`);
		onSaved(result.data.connection);
		onClose();
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		void save(false);
	};
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			initialFocus={first}
			dismissible={!isTested}
			title={`Edit ${providerName}`}
		>
			<form onSubmit={submit} className="flex min-h-0 flex-col">
				<DialogBody>
					<Field label="Label" error={isTested || fault !== null ? null : failure?.message}>
						<Input
							value={form.label}
							onChange={(event) => setForm({ ...form, label: event.target.value })}
							required
							maxLength={60}
							ref={focus === 'label' ? first : null}
						/>
					</Field>
					<PromptFields
						prompts={prompts}
						values={form.inputs}
						fault={fault}
						onChange={(inputs) => setForm({ ...form, inputs })}
					/>
					{!scripted && connection.authType !== 'oauth' && (
						<Field
							label={secret === 'key' ? 'New API key' : 'New token'}
							optional
							hint={keepWords(secret, connection.lastFour)}
							error={isTested && fault === null ? failure?.message : null}
						>
							<SecretInput
								what={secret}
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
							level={level}
							value={form.delivery}
							onChange={(delivery) => setForm({ ...form, delivery })}
						/>
					)}
				</DialogBody>
				<DialogFooter
					start={
						isTested &&
						failure?.code === 'unavailable' && (
							<Button variant="ghost" disabled={busy} onClick={() => save(true)}>
								Save without testing
							</Button>
						)
					}
				>
					<Button onClick={onClose}>Cancel</Button>
					<Button type="submit" variant="primary" busy={busy}>
						{submitWords(busy, isTested, providerName)}
					</Button>
				</DialogFooter>
			</form>
			{dialog}
		</Dialog>
	);
}

function keepWords(secret: string, lastFour: string | null): string {
	return lastFour === null ? `Leave empty to keep the present ${secret}.` : `Leave empty to keep ···${lastFour}.`;
}

function submitWords(busy: boolean, isTested: boolean, providerName: string): string {
	if (!busy) return isTested ? 'Test and save' : 'Save';
	return isTested ? `Checking with ${providerName}…` : 'Saving…';
}
