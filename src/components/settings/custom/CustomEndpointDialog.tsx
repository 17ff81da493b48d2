import { actions } from 'astro:actions';
import { ArrowLeft } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { toast } from '../../ui/toast.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { CustomEndpointFields } from './CustomEndpointFields.tsx';
import { type CustomErrors, customFormInput, emptyCustomForm } from './customForm.ts';

type Props = {
	/** What was searched for in vain, as a first guess. */
	name: string;
	onBack: () => void;
	onConnected: (connection: ConnectionView) => void;
};

/** The step of the Add dialog for an address of one's own. */
export function CustomEndpointDialog({ name, onBack, onConnected }: Props) {
	const [{ form, names }, setState] = useState({ form: emptyCustomForm(name), names: {} as Record<string, string> });
	const [errors, setErrors] = useState<CustomErrors>({});
	const [failure, setFailure] = useState<Failure | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const connect = async (skipTest: boolean) => {
		const checked = customFormInput(form, names, skipTest);
		setErrors(checked.ok ? {} : checked.errors);
		setFailure(null);
		if (!checked.ok) return;
		setBusy(true);
		const result = await confirmed(() => callAction(actions.settings.connectProvider(checked.input)));
		setBusy(false);
		if (!result.ok) return setFailure(result);
		toast.ok(`${form.name.trim()} is connected`);
		onConnected(result.data.connection);
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) void connect(false);
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<CustomEndpointFields
					form={form}
					errors={errors}
					onChange={(part, found) => setState({ form: { ...form, ...part }, names: { ...names, ...found } })}
				/>
			</DialogBody>
			<p role="alert" className="border-t border-line bg-bad-soft px-5 py-2.5 text-sm text-bad empty:hidden">
				{failure?.message}
			</p>
			<DialogFooter
				start={<IconButton label="Back to the providers" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}
			>
				{failure?.code === 'unavailable' && (
					<Button variant="ghost" disabled={busy} onClick={() => connect(true)}>
						Save without testing
					</Button>
				)}
				<Button type="submit" variant="primary" busy={busy}>
					{busy ? 'Checking the endpoint…' : 'Test and connect'}
				</Button>
			</DialogFooter>
			{dialog}
		</form>
	);
}
