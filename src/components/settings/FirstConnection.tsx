import { actions } from 'astro:actions';
import { FlaskConical, Gift, KeyRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { callAction } from '../ui/callAction.ts';
import { AddProviderDialog } from './AddProviderDialog.tsx';
import { usePasswordConfirmation } from './usePasswordConfirmation.tsx';

type Props = {
	providers: AvailableProvider[];
	/** Without it, the start page opens, where the first prompt waits. */
	onConnected?: (connection: ConnectionView) => void;
};

/** The first thing after signing in for the first time: three ways to a model. */
export function FirstConnection({ providers, onConnected = () => location.assign('/') }: Props) {
	const [adding, setAdding] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const [connecting, setConnecting] = useState<string | null>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const connect = async (providerId: string) => {
		setConnecting(providerId);
		setError(null);
		const result = await confirmed(() => callAction(actions.settings.connectProvider({ providerId, authType: 'api' })));
		setConnecting(null);
		if (result.ok) onConnected(result.data.connection);
		else setError(result.message);
	};
	const demo = providers.find((provider) => provider.scripted);
	const free = providers.find((provider) => provider.id === 'opencode');
	const quick = (provider: AvailableProvider | undefined, words: string) => (
		<Button
			busy={provider !== undefined && connecting === provider.id}
			disabledReason={refusal(provider)}
			onClick={() => provider && connect(provider.id)}
		>
			{provider !== undefined && connecting === provider.id ? 'Connecting…' : words}
		</Button>
	);
	return (
		<Card flush>
			<ul className="grid divide-y divide-line sm:grid-cols-3 sm:divide-x sm:divide-y-0">
				<Way
					icon={<KeyRound size={18} aria-hidden />}
					title="Use your own key"
					action={
						<Button variant="primary" onClick={() => setAdding(true)}>
							Choose a provider
						</Button>
					}
				>
					Anthropic, OpenAI, OpenRouter and {Math.max(0, providers.length - 3)} more, or an endpoint of your own.
				</Way>
				<Way icon={<Gift size={18} aria-hidden />} title="Free models" action={quick(free, 'Use free models')}>
					OpenCode offers some without a key. They need the internet, are limited, and may use what you send for
					training.
				</Way>
				<Way icon={<FlaskConical size={18} aria-hidden />} title="Scripted demo" action={quick(demo, 'Use the demo')}>
					No model at all: a script that plays one, offline. Good for seeing how doce works.
				</Way>
			</ul>
			<p role="alert" className="border-t border-line px-5 py-3 text-bad empty:hidden">
				{error}
			</p>
			{adding && <AddProviderDialog providers={providers} onClose={() => setAdding(false)} onConnected={onConnected} />}
			{dialog}
		</Card>
	);
}

function refusal(provider: AvailableProvider | undefined): string | undefined {
	return provider === undefined ? 'Not in the list of providers of this server.' : (provider.unavailable ?? undefined);
}

type WayProps = { icon: ReactNode; title: string; children: ReactNode; action: ReactNode };

function Way({ icon, title, children, action }: WayProps) {
	return (
		<li className="flex flex-col items-start gap-1.5 p-5">
			<span className="text-ink-soft">{icon}</span>
			<span className="font-medium">{title}</span>
			<span className="text-pretty text-ink-soft">{children}</span>
			<span className="mt-auto pt-3">{action}</span>
		</li>
	);
}
