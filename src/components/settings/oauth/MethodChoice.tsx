import { ArrowLeft, ChevronRight, Globe, KeyRound, LogIn } from 'lucide-react';
import type { AuthMethod, AvailableProvider } from '#shared/providers.ts';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { methodHint, usableMethods } from './methods.ts';

type Props = { provider: AvailableProvider; onBack: () => void; onChoose: (method: AuthMethod) => void };

/** Which way to connect, where there are several. */
export function MethodChoice({ provider, onBack, onChoose }: Props) {
	return (
		<>
			<DialogBody>
				<ul aria-label={`Ways to connect ${provider.name}`} className="flex flex-col gap-2">
					{usableMethods(provider).map((method, index) => (
						<li key={method.method}>
							<button
								type="button"
								// biome-ignore lint/a11y/noAutofocus: the step replaces the one that had the focus
								autoFocus={index === 0}
								onClick={() => onChoose(method)}
								className="flex w-full items-center gap-3 rounded-md border border-line bg-surface px-4 py-3 text-left transition-colors hover:bg-sunken"
							>
								<MethodIcon method={method} />
								<span className="min-w-0 flex-1">
									<span className="block font-medium">{method.label}</span>
									<span className="block text-sm text-ink-soft">{methodHint(method)}</span>
								</span>
								<ChevronRight size={16} aria-hidden className="shrink-0 text-ink-faint" />
							</button>
						</li>
					))}
				</ul>
			</DialogBody>
			<DialogFooter
				start={<IconButton label="Back to the providers" icon={<ArrowLeft size={16} aria-hidden />} onClick={onBack} />}
			>
				{null}
			</DialogFooter>
		</>
	);
}

function MethodIcon({ method }: { method: AuthMethod }) {
	const Icon = method.type === 'api' ? KeyRound : method.redirects ? Globe : LogIn;
	return <Icon size={18} aria-hidden className="shrink-0 text-ink-soft" />;
}
