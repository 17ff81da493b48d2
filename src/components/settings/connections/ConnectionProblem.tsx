import { ExternalLink, FlaskConical, KeyRound, LogIn, MoveUp } from 'lucide-react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { connectionState } from '../../ui/connectionState.ts';
import { cx } from '../../ui/cx.ts';
import { Time } from '../../ui/Time.tsx';
import { useNow } from '../../ui/useNow.ts';
import { type Cure, connectionName, countdown, cureOf, cureWords, problemWords } from './connectionWords.ts';

type Props = {
	connection: ConnectionView;
	/** Where the account is topped up. */
	billingUrl: string | null;
	onCure: (cure: Cure) => void;
};

const ICONS = { replaceKey: KeyRound, signIn: LogIn, test: FlaskConical, upgrade: MoveUp };

/** What is wrong, since when and in which project, and the one button that mends it. */
export function ConnectionProblem({ connection, billingUrl, onCure }: Props) {
	const words = problemWords(connection);
	const cure = cureOf(connection);
	if (words === null) return null;
	const { tone } = connectionState(connection);
	return (
		<div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2">
			<p className={cx('min-w-0 text-sm', tone === 'bad' ? 'text-bad' : 'text-ink-soft')}>
				{words}
				<Where connection={connection} />
			</p>
			<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
				{cure !== null && <CureButton connection={connection} cure={cure} onCure={onCure} />}
				{connection.reason === 'out_of_credit' && billingUrl !== null && (
					<a
						href={billingUrl}
						target="_blank"
						rel="noopener noreferrer"
						className="text-sm text-accent-text underline underline-offset-2"
					>
						Top up at {connection.providerName}
						<ExternalLink size={12} aria-hidden className="ml-1 inline" />
					</a>
				)}
			</div>
		</div>
	);
}

function Where({ connection }: { connection: ConnectionView }) {
	const { problemAt, problemProjectId, problemProjectName, errorMessage, updatedAt } = connection;
	const at = problemAt ?? (errorMessage === null ? null : updatedAt);
	if (at === null) return null;
	return (
		<span className="text-ink-faint">
			{' '}
			<Time at={at} />
			{problemProjectId !== null && (
				<>
					{' in '}
					<a href={`/projects/${problemProjectId}`} className="text-ink-soft underline underline-offset-2">
						{problemProjectName ?? 'a project'}
					</a>
				</>
			)}
		</span>
	);
}

type CureProps = { connection: ConnectionView; cure: Cure; onCure: (cure: Cure) => void };

function CureButton({ connection, cure, onCure }: CureProps) {
	const left = useTimeLeft(connection);
	const Icon = ICONS[cure];
	const words = cureWords(cure, connection.reason);
	return (
		<Button
			size="sm"
			aria-label={`${words}: ${connectionName(connection)}`}
			icon={<Icon size={14} aria-hidden />}
			disabledReason={left === null ? undefined : `${connection.providerName} takes requests again after the countdown`}
			onClick={() => onCure(cure)}
		>
			{words}
		</Button>
	);
}

/** Beside "Rate limited": the seconds that are left. Read out once, not every second. */
export function RetryCountdown({ connection }: { connection: ConnectionView }) {
	const left = useTimeLeft(connection);
	if (left === null) return null;
	return <span className="tabular">, retry in {countdown(left)}</span>;
}

/** How long the provider still refuses, in ms; null once it does not, or says nothing of it. */
function useTimeLeft({ reason, retryAt }: ConnectionView): number | null {
	const waits = reason === 'rate_limited' && retryAt !== null;
	const now = useNow(waits);
	if (!waits || now === null) return null;
	const left = Date.parse(retryAt) - now;
	return left > 0 ? left : null;
}
