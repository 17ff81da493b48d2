import { FlaskConical } from 'lucide-react';
import type { Isolation } from '#shared/projects.ts';
import type { ConnectionView } from '#shared/providers.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { connectionState } from '../../ui/connectionState.ts';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { ConnectionMenu, type Place, type RowAction } from './ConnectionMenu.tsx';
import { ConnectionProblem, RetryCountdown } from './ConnectionProblem.tsx';
import { connectionFacts, connectionName, problemWords, usedByWords } from './connectionWords.ts';

type Props = {
	connection: ConnectionView;
	level: Isolation['level'];
	place: Place;
	/** Where its account is topped up, when known. */
	billingUrl: string | null;
	/** True while its key is being tried. */
	checking: boolean;
	onAction: (action: RowAction) => void;
};

export function ConnectionRow({ connection, level, place, billingUrl, checking, onAction }: Props) {
	const { providerId, providerName } = connection;
	const name = connectionName(connection);
	const isFine = problemWords(connection) === null;
	return (
		<li aria-label={name} className="flex items-start gap-x-3 p-4 max-sm:flex-wrap max-sm:gap-y-3">
			<ProviderLogo providerId={providerId} name={providerName} size={24} className="mt-0.5" />
			<div className="min-w-0 flex-1 basis-48">
				<div className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="font-medium">{providerName}</span>
					<Status connection={connection} checking={checking} />
					<Marks connection={connection} hasTwins={place.hasTwins} />
				</div>
				<Facts connection={connection} level={level} onProjects={() => onAction('projects')} />
				{connection.unsealable !== null && <p className="mt-1 text-sm text-ink-faint">{connection.unsealable}</p>}
				{!checking && <ConnectionProblem connection={connection} billingUrl={billingUrl} onCure={onAction} />}
			</div>
			<div className="flex items-center justify-end gap-1 max-sm:ml-auto">
				{(isFine || checking) && (
					<Button size="sm" busy={checking} aria-label={`Test ${name}`} onClick={() => onAction('test')}>
						Test
					</Button>
				)}
				{isFine && (
					<Button size="sm" aria-label={`Edit ${name}`} onClick={() => onAction('edit')}>
						Edit
					</Button>
				)}
				<ConnectionMenu connection={connection} place={place} onAction={onAction} />
			</div>
		</li>
	);
}

function Status({ connection, checking }: Pick<Props, 'connection' | 'checking'>) {
	const { tone, words } = connectionState(connection);
	if (checking) {
		return (
			<span role="status">
				<StatusBadge tone="busy">Checking…</StatusBadge>
			</span>
		);
	}
	return (
		<StatusBadge tone={tone}>
			<span>
				<span role="status">{words}</span>
				<RetryCountdown connection={connection} />
			</span>
		</StatusBadge>
	);
}

function Marks({ connection, hasTwins }: { connection: ConnectionView; hasTwins: boolean }) {
	const { preferred, scripted, active, legacy } = connection;
	return (
		<>
			{hasTwins && <Badge tone={active ? 'accent' : 'neutral'}>{active ? 'In use' : 'Not in use'}</Badge>}
			{preferred && active && <Badge tone="accent">Default</Badge>}
			{legacy && <Badge>Legacy</Badge>}
			{scripted && <Badge icon={<FlaskConical size={12} aria-hidden />}>Scripted</Badge>}
		</>
	);
}

function Facts({ connection, level, onProjects }: Pick<Props, 'connection' | 'level'> & { onProjects: () => void }) {
	const { lastUsedAt, projectCount } = connection;
	return (
		<p className="mt-1 flex flex-wrap text-sm text-ink-soft [&>*:not(:last-child)]:after:mx-1.5 [&>*:not(:last-child)]:after:text-ink-faint [&>*:not(:last-child)]:after:content-['·']">
			{connectionFacts(connection, level).map((fact) => (
				<span key={fact} className="tabular">
					{fact}
				</span>
			))}
			<span>
				{projectCount === 0 ? (
					usedByWords(projectCount)
				) : (
					<button
						type="button"
						aria-haspopup="dialog"
						aria-label={`${usedByWords(projectCount)}: ${connectionName(connection)}`}
						onClick={onProjects}
						className="rounded-sm underline decoration-line-strong underline-offset-2 hover:text-ink"
					>
						{usedByWords(projectCount)}
					</button>
				)}
			</span>
			{lastUsedAt !== null && (
				<span className="whitespace-nowrap">
					last used <Time at={lastUsedAt} />
				</span>
			)}
		</p>
	);
}
