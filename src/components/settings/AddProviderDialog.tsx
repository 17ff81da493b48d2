import { useState } from 'react';
import type { AuthMethod, AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { ProviderLogo } from '../ui/ProviderLogo.tsx';
import { ApiKeyAuthDialog } from './ApiKeyAuthDialog.tsx';
import { CustomEndpointDialog } from './custom/CustomEndpointDialog.tsx';
import { LocalServersDialog } from './local/LocalServersDialog.tsx';
import { OAuthDialog } from './OAuthDialog.tsx';
import { MethodChoice } from './oauth/MethodChoice.tsx';
import { signInMethods, usableMethods } from './oauth/methods.ts';
import { ProviderPicker } from './pick/ProviderPicker.tsx';
import { WellKnownDialog } from './wellknown/WellKnownDialog.tsx';

type Props = {
	providers: AvailableProvider[];
	/** Already chosen, where somebody connects to it again. */
	provider?: AvailableProvider | undefined;
	/** The sign-in that is done again; without it, connecting makes a connection of its own. */
	again?: ConnectionView | undefined;
	onClose: () => void;
	onConnected: (connection: ConnectionView) => void;
};

type Step =
	| { at: 'pick'; again: boolean }
	| { at: 'method'; provider: AvailableProvider }
	| { at: 'key'; provider: AvailableProvider }
	| { at: 'signIn'; provider: AvailableProvider; method: AuthMethod }
	| { at: 'custom'; name: string }
	| { at: 'local' }
	| { at: 'organisation' };

/** Choose a provider, then prove who you are to it. One dialog, so that nothing jumps between the steps. */
export function AddProviderDialog({ providers, provider: chosen, again, onClose, onConnected }: Props) {
	const [step, setStep] = useState<Step>(chosen === undefined ? { at: 'pick', again: false } : stepFor(chosen, again));
	const back = () => setStep({ at: 'pick', again: true });
	const toMethods = (provider: AvailableProvider) =>
		usableMethods(provider).length > 1 ? setStep({ at: 'method', provider }) : back();
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
					onPick={(provider) => setStep(stepFor(provider))}
					onCustom={(name) => setStep({ at: 'custom', name })}
					onLocal={() => setStep({ at: 'local' })}
					onOrganisation={() => setStep({ at: 'organisation' })}
				/>
			)}
			{step.at === 'method' && (
				<MethodChoice
					provider={step.provider}
					onBack={back}
					onChoose={(method) => setStep(stepOf(step.provider, method))}
				/>
			)}
			{step.at === 'key' && (
				<ApiKeyAuthDialog provider={step.provider} onBack={() => toMethods(step.provider)} onConnected={done} />
			)}
			{step.at === 'signIn' && (
				<OAuthDialog
					provider={step.provider}
					method={step.method}
					again={again}
					onBack={() => toMethods(step.provider)}
					onClose={onClose}
					onConnected={onConnected}
				/>
			)}
			{step.at === 'custom' && <CustomEndpointDialog name={step.name} onBack={back} onConnected={done} />}
			{step.at === 'local' && (
				<LocalServersDialog onBack={back} onCustom={() => setStep({ at: 'custom', name: '' })} onConnected={done} />
			)}
			{step.at === 'organisation' && <WellKnownDialog onBack={back} onConnected={done} />}
		</Dialog>
	);
}

/** Straight to the only way there is; a sign-in that is done again offers the ways to sign in alone. */
function stepFor(provider: AvailableProvider, again?: ConnectionView): Step {
	const methods = again === undefined ? usableMethods(provider) : signInMethods(provider);
	const [only, ...others] = methods;
	if (only === undefined) return { at: 'key', provider };
	return others.length > 0 ? { at: 'method', provider } : stepOf(provider, only);
}

function stepOf(provider: AvailableProvider, method: AuthMethod): Step {
	return method.type === 'oauth' ? { at: 'signIn', provider, method } : { at: 'key', provider };
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
