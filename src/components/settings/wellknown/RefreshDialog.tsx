import { actions } from 'astro:actions';
import { type SubmitEvent, useEffect, useEffectEvent, useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { Time } from '../../ui/Time.tsx';
import { toast } from '../../ui/toast.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = {
	connection: ConnectionView;
	onClose: () => void;
	onSaved: (connection: ConnectionView) => void;
};

type Step = { at: 'reading' } | { at: 'failed'; failure: Failure } | { at: 'same' } | { at: 'token'; places: string[] };

/** Reads an organisation's document again, and asks for the token where that would go elsewhere now. */
export function RefreshDialog({ connection, onClose, onSaved }: Props) {
	const [step, setStep] = useState<Step>({ at: 'reading' });
	const [token, setToken] = useState('');
	const [failure, setFailure] = useState<Failure | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const ask = (given: object) =>
		callAction(actions.settings.refreshWellKnown({ connectionId: connection.id, ...given }));
	const read = async () => {
		setStep({ at: 'reading' });
		const result = await ask({});
		if (!result.ok) return setStep({ at: 'failed', failure: result });
		const { tokenNeededFor: places, changed } = result.data;
		if (places.length > 0) return setStep({ at: 'token', places });
		onSaved(result.data.connection);
		if (!changed) return setStep({ at: 'same' });
		finish();
	};
	const finish = () => {
		toast.ok(`${connection.providerName} is up to date`, 'Projects work with the new configuration from now on.');
		onClose();
	};
	const readOnce = useEffectEvent(() => void read());
	useEffect(() => readOnce(), []);
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		setBusy(true);
		setFailure(null);
		const result = await confirmed(() => ask({ token: token.trim() }));
		setBusy(false);
		if (!result.ok) return setFailure(result);
		onSaved(result.data.connection);
		finish();
	};
	return (
		<Dialog open onOpenChange={onClose} size="sm" flush dismissible={token === ''} title="Read the configuration again">
			<form onSubmit={submit} className="flex min-h-0 flex-col" noValidate>
				<DialogBody>
					<Words step={step} connection={connection} />
					{step.at === 'token' && (
						<Field label="Token" error={failure?.message} hint="Tested there before anything is changed.">
							<SecretInput
								what="token"
								mono
								autoFocus
								value={token}
								onChange={(event) => setToken(event.target.value)}
								required
							/>
						</Field>
					)}
				</DialogBody>
				<DialogFooter>
					<Button onClick={onClose}>{step.at === 'token' ? 'Cancel' : 'Close'}</Button>
					{step.at === 'failed' && (
						<Button variant="primary" onClick={read}>
							Try again
						</Button>
					)}
					{step.at === 'token' && (
						<Button
							type="submit"
							variant="primary"
							busy={busy}
							disabledReason={token.trim() === '' ? 'Paste the token first.' : undefined}
						>
							{busy ? `Checking with ${connection.providerName}…` : 'Test and take over'}
						</Button>
					)}
				</DialogFooter>
			</form>
			{dialog}
		</Dialog>
	);
}

function Words({ step, connection }: { step: Step; connection: ConnectionView }) {
	const { url = '', readAt = '' } = connection.wellKnown ?? {};
	const host = <span className="break-all">{url.replace(/^https:\/\//, '')}</span>;
	if (step.at === 'reading') return <Spinner label={`Reading the document of ${url}…`} className="text-ink-soft" />;
	if (step.at === 'failed')
		return (
			<p role="alert" className="text-bad">
				{step.failure.message}
			</p>
		);
	if (step.at === 'same')
		return (
			<p role="status">
				{host} configures {connection.providerName} as before.
			</p>
		);
	return (
		<p role="status" className="text-pretty">
			{host} has changed since it was read <Time at={readAt} />: the token would now also go to{' '}
			<strong className="break-all">{step.places.join(', ')}</strong>. Give it again if that is right. Until then the
			old configuration stays in use.
		</p>
	);
}
