import { actions } from 'astro:actions';
import { ArrowLeft } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { callAction, type FailureCode } from '../ui/callAction.ts';
import { DialogBody, DialogFooter } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Input } from '../ui/Input.tsx';
import { toast } from '../ui/toast.ts';
import { ApiKeyField } from './key/ApiKeyField.tsx';
import { fieldFault, type KeyForm, keyFormInput, promptsOf } from './key/keyForm.ts';
import { LocalSwitch, PromptFields } from './key/PromptFields.tsx';
import { usePasswordConfirmation } from './usePasswordConfirmation.tsx';

type Props = {
	provider: AvailableProvider;
	onBack: () => void;
	onConnected: (connection: ConnectionView) => void;
};

/** The key step of the Add dialog: a key and what else the provider asks for, tried before it is kept. */
export function ApiKeyAuthDialog({ provider, onBack, onConnected }: Props) {
	const [form, setForm] = useState<KeyForm>({ apiKey: '', label: '', inputs: {}, local: false });
	const [failure, setFailure] = useState<{ message: string; code: FailureCode } | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const prompts = promptsOf(provider);
	const fault = fieldFault(prompts, failure?.message);
	const connect = async (skipTest: boolean) => {
		const checked = keyFormInput(provider, prompts, form, skipTest);
		if (!checked.ok) return setFailure({ message: checked.message, code: 'invalid' });
		setBusy(true);
		setFailure(null);
		const result = await confirmed(() => callAction(actions.settings.connectProvider(checked.input)));
		setBusy(false);
		if (!result.ok) return setFailure(result);
		toast.ok(
			`${provider.name} is connected`,
			provider.modelCount > 0 ? `${provider.modelCount} models to choose from.` : undefined,
		);
		onConnected(result.data.connection);
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) void connect(false);
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<PromptFields
					prompts={prompts}
					values={form.inputs}
					fault={fault}
					onChange={(inputs) => setForm({ ...form, inputs })}
				/>
				<LocalSwitch prompts={prompts} local={form.local} onChange={(local) => setForm({ ...form, local })} />
				{!provider.scripted && (
					<ApiKeyField
						provider={provider}
						value={form.apiKey}
						error={fault === null ? failure?.message : undefined}
						onChange={(apiKey) => setForm({ ...form, apiKey })}
						onRefuse={(message) => setFailure({ message, code: 'invalid' })}
					/>
				)}
				{provider.scripted && (
					<p className="text-ink-soft">
						A scripted stand-in for a model. It works offline and without a key, writes a site from the words of your
						prompt and follows simple changes. It is labelled as scripted wherever it appears.
					</p>
				)}
				<Field
					label="Label"
					optional
					hint="To tell several keys of one provider apart, such as Work and Private."
					error={provider.scripted ? failure?.message : null}
				>
					<Input
						value={form.label}
						onChange={(event) => setForm({ ...form, label: event.target.value })}
						maxLength={60}
					/>
				</Field>
			</DialogBody>
			<DialogFooter
				start={<IconButton label="Back to the providers" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}
			>
				{failure?.code === 'unavailable' && (
					<Button variant="ghost" disabled={busy} onClick={() => connect(true)}>
						Save without testing
					</Button>
				)}
				<Button type="submit" variant="primary" busy={busy}>
					{busy ? `Checking with ${provider.name}…` : provider.scripted ? 'Connect' : 'Test and connect'}
				</Button>
			</DialogFooter>
			{dialog}
		</form>
	);
}
