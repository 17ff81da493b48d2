import { useState } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { ProviderLogo } from '../ui/ProviderLogo.tsx';
import { ApiKeyAuthDialog } from './ApiKeyAuthDialog.tsx';
import { CustomEndpointDialog } from './custom/CustomEndpointDialog.tsx';
import { LocalServersDialog } from './local/LocalServersDialog.tsx';
import { ProviderPicker } from './pick/ProviderPicker.tsx';
import { WellKnownDialog } from './wellknown/WellKnownDialog.tsx';

type Props = {
	providers: AvailableProvider[];
	/** Already chosen, where somebody connects to it again. */
	provider?: AvailableProvider | undefined;
	onClose: () => void;
	onConnected: (connection: ConnectionView) => void;
};

type Step =
	| { at: 'pick'; again: boolean }
	| { at: 'key'; provider: AvailableProvider }
	| { at: 'custom'; name: string }
	| { at: 'local' }
	| { at: 'organisation' };

/** Choose a provider, then prove who you are to it. One dialog, so that nothing jumps between the steps. */
export function AddProviderDialog({ providers, provider: chosen, onClose, onConnected }: Props) {
	const [step, setStep] = useState<Step>(
		chosen === undefined ? { at: 'pick', again: false } : { at: 'key', provider: chosen },
	);
	const back = () => setStep({ at: 'pick', again: true });
	const done = (connection: ConnectionView) => {
		onConnected(connection);
		onClose();
	};
	return (
		<Dialog open onOpenChange={onClose} size="lg" flush dismissible={step.at === 'pick'} title={<Title step={step} />}>
			{step.at === 'pick' && (
				<ProviderPicker
					takeFocus={step.again}
					providers={providers}
					onPick={(provider) => setStep({ at: 'key', provider })}
					onCustom={(name) => setStep({ at: 'custom', name })}
					onLocal={() => setStep({ at: 'local' })}
					onOrganisation={() => setStep({ at: 'organisation' })}
				/>
			)}
			{step.at === 'key' && <ApiKeyAuthDialog provider={step.provider} onBack={back} onConnected={done} />}
			{step.at === 'custom' && <CustomEndpointDialog name={step.name} onBack={back} onConnected={done} />}
			{step.at === 'local' && (
				<LocalServersDialog onBack={back} onCustom={() => setStep({ at: 'custom', name: '' })} onConnected={done} />
			)}
			{step.at === 'organisation' && <WellKnownDialog onBack={back} onConnected={done} />}
		</Dialog>
	);
}

function Title({ step }: { step: Step }) {
	if (step.at === 'pick') return 'Add a provider';
	if (step.at === 'custom') return 'Custom endpoint';
	if (step.at === 'local') return 'On this machine';
	if (step.at === 'organisation') return 'Organisation';
	return (
		<span className="flex items-center gap-2.5">
			<ProviderLogo providerId={step.provider.id} name={step.provider.name} size={22} />
			{step.provider.name}
		</span>
	);
}
