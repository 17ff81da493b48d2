import type { LocalServer } from '#shared/localServers.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { modelWords } from './localInput.ts';

type Props = {
	server: LocalServer;
	/** True while it is being connected. */
	busy: boolean;
	error: string | null;
	onConnect: () => void;
};

export function LocalServerRow({ server, busy, error, onConnect }: Props) {
	const { kind, name, baseUrl, fault, connected } = server;
	return (
		<li aria-label={name} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-3">
			<ProviderLogo providerId={kind} name={name} size={22} className="mt-0.5" />
			<div className="min-w-0 flex-1 basis-52">
				<p className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="font-medium">{name}</span>
					<StatusBadge tone={fault === null ? 'ok' : 'warn'}>
						{fault === null ? 'Running' : baseUrl === null ? 'Not found' : 'No models'}
					</StatusBadge>
				</p>
				{fault === null ? (
					<p className="mt-0.5 text-sm break-words text-ink-soft">
						{baseUrl} · {modelWords(server)}
					</p>
				) : (
					<Cure server={server} />
				)}
				<p role="alert" className="mt-1 text-sm text-bad empty:hidden">
					{error}
				</p>
			</div>
			{fault === null && !connected && (
				<Button
					variant="primary"
					size="sm"
					busy={busy}
					aria-label={`Connect ${name}`}
					onClick={onConnect}
					className="max-sm:ml-[2.125rem]"
				>
					{busy ? 'Connecting…' : 'Connect'}
				</Button>
			)}
			{connected && <StatusBadge tone="ok">Connected</StatusBadge>}
		</li>
	);
}

function Cure({ server: { fault, cure, command } }: { server: LocalServer }) {
	return (
		<>
			<p className="mt-0.5 text-sm break-words text-ink-soft">{fault}</p>
			<p className="mt-1 text-sm text-pretty">{cure}</p>
			{command !== null && (
				<p className="mt-1.5 flex items-center gap-2 rounded-md bg-sunken py-1 pr-1 pl-2.5 text-sm">
					<code className="min-w-0 flex-1 break-all">{command}</code>
					<CopyButton text={command} label={`Copy ${command}`} />
				</p>
			)}
		</>
	);
}
