import { ArrowLeft } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { askedPrompts } from '#shared/prompts.ts';
import type { AuthMethod, AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { DialogBody, DialogFooter } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Input } from '../ui/Input.tsx';
import { PromptFields } from './key/PromptFields.tsx';
import { methodHint } from './oauth/methods.ts';
import { Connected, Ended } from './oauth/Outcome.tsx';
import { useSignIn } from './oauth/useSignIn.ts';
import { Waiting } from './oauth/Waiting.tsx';
import { usePasswordConfirmation } from './usePasswordConfirmation.tsx';

type Props = {
	provider: AvailableProvider;
	method: AuthMethod;
	/** The connection to sign in to again. */
	again?: ConnectionView | undefined;
	onBack: () => void;
	onClose: () => void;
	onConnected: (connection: ConnectionView) => void;
};

/** The sign-in step of the Add dialog: begin, do what the provider wants, see how it ended. */
export function OAuthDialog({ provider, method, again, onBack, onClose, onConnected }: Props) {
	const [form, setForm] = useState({ inputs: {} as Record<string, string>, label: '' });
	const { confirmed, dialog } = usePasswordConfirmation();
	const signIn = useSignIn(confirmed, onConnected);
	const { step } = signIn;
	const begin = () => {
		const asked = askedPrompts(method.prompts, form.inputs);
		const inputs = Object.fromEntries(asked.map(({ key }) => [key, form.inputs[key] ?? '']));
		const label = form.label.trim();
		void signIn.start({
			providerId: provider.id,
			method: method.method,
			...(asked.length > 0 && { inputs }),
			...(label !== '' && { label }),
			...(again !== undefined && { connectionId: again.id }),
		});
	};
	switch (step.at) {
		case 'waiting':
			return (
				<Waiting
					providerName={provider.name}
					begun={step.begun}
					error={step.error}
					busy={step.busy}
					onComplete={(code) => void signIn.complete(step.begun, code)}
					onCancel={() => void signIn.cancel()}
				/>
			);
		case 'ended':
			return <Ended state={step.state} message={step.message} onAgain={signIn.again} onClose={onClose} />;
		case 'connected':
			return <Connected connection={step.connection} onDone={onClose} />;
		default:
			return (
				<>
					<Begin
						provider={provider}
						method={method}
						form={form}
						withLabel={again === undefined}
						error={step.at === 'ask' ? step.error : null}
						busy={step.at === 'starting'}
						onChange={setForm}
						onBegin={begin}
						onBack={onBack}
					/>
					{dialog}
				</>
			);
	}
}

type Form = { inputs: Record<string, string>; label: string };
type BeginProps = {
	provider: AvailableProvider;
	method: AuthMethod;
	form: Form;
	withLabel: boolean;
	error: string | null;
	busy: boolean;
	onChange: (form: Form) => void;
	onBegin: () => void;
	onBack: () => void;
};

function Begin({ provider, method, form, withLabel, error, busy, onChange, onBegin, onBack }: BeginProps) {
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) onBegin();
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<div>
					<p className="font-medium">{method.label}</p>
					<p className="text-ink-soft">{methodHint(method)}</p>
				</div>
				<PromptFields
					prompts={method.prompts}
					values={form.inputs}
					fault={null}
					onChange={(inputs) => onChange({ ...form, inputs })}
				/>
				{withLabel && (
					<Field label="Label" optional hint="Without one, the account’s own name is shown.">
						<Input
							value={form.label}
							onChange={(event) => onChange({ ...form, label: event.target.value })}
							maxLength={60}
						/>
					</Field>
				)}
				<p role="alert" className="text-bad empty:hidden">
					{error}
				</p>
			</DialogBody>
			<DialogFooter start={<IconButton label="Back" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}>
				<Button type="submit" variant="primary" busy={busy} autoFocus={method.prompts.length === 0}>
					{busy ? `Asking ${provider.name}…` : `Sign in with ${provider.name}`}
				</Button>
			</DialogFooter>
		</form>
	);
}
