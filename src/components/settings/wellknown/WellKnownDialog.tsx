import { ArrowLeft } from 'lucide-react';
import type { SubmitEvent } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { AddressFields } from './AddressFields.tsx';
import { PreviewFields } from './PreviewFields.tsx';
import { useWellKnown } from './useWellKnown.ts';

type Props = {
	onBack: () => void;
	onConnected: (connection: ConnectionView) => void;
};

/** The step of the Add dialog for an organisation: its address, what that would configure, the token. */
export function WellKnownDialog({ onBack, onConnected }: Props) {
	const state = useWellKnown(onConnected);
	const { form, preview, failure, busy, change, forget } = state;
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (busy !== null) return;
		void (preview === null || preview.needsToken ? state.read() : state.connect(false));
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				{preview === null ? (
					<AddressFields form={form} error={failure?.message} onChange={change} />
				) : (
					<PreviewFields
						preview={preview}
						form={form}
						connected={state.connectedIds}
						error={failure?.message}
						onChange={change}
					/>
				)}
			</DialogBody>
			<DialogFooter
				start={
					<IconButton
						label={preview === null ? 'Back to the providers' : 'Back to the address'}
						icon={<ArrowLeft size={16} aria-hidden />}
						onClick={preview === null ? onBack : forget}
					/>
				}
			>
				{preview !== null && failure?.code === 'unavailable' && !preview.needsToken && (
					<Button variant="ghost" disabled={busy !== null} onClick={() => state.connect(true)}>
						Save without testing
					</Button>
				)}
				<Button type="submit" variant="primary" busy={busy !== null}>
					{busy ?? (preview === null ? 'Read' : preview.needsToken ? 'Read the rest' : 'Test and connect')}
				</Button>
			</DialogFooter>
			{state.dialog}
		</form>
	);
}
