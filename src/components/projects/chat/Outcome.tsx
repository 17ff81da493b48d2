import { CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MessageError } from '#shared/chat.ts';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../../ui/Button.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import type { ShownMessage } from '../state/chatState.ts';
import type { OutcomeVerbs } from './outcomeVerbs.ts';
import { Waiting } from './Waiting.tsx';

type Props = { message: ShownMessage; job: JobView | undefined; verbs: OutcomeVerbs };

/** What became of a turn, where it is not simply done. */
export function Outcome({ message, job, verbs }: Props) {
	const { error } = message;
	if (message.sending) return <Line spins>Sending</Line>;
	if (job?.state === 'running') return null;
	if (error?.kind === 'waiting') return <Waiting error={error} verbs={verbs} />;
	if (job?.state === 'queued') return <Line>Queued: sent when the agent is free</Line>;
	const failed = job?.state === 'failed' ? job : undefined;
	const told = error ?? (failed && { kind: 'internal' as const, message: failed.lastError ?? 'The job failed.' });
	if (told === undefined) return job?.state === 'cancelled' && <Line>Stopped.</Line>;
	return <Failure error={told} retry={failed && (() => verbs.onRetry(failed.id))} />;
}

function Line({ children, spins }: { children: ReactNode; spins?: boolean }) {
	return (
		<p className="flex items-center gap-1.5 self-end text-xs text-ink-faint">
			{spins && <Spinner size={12} />}
			<span>{children}</span>
		</p>
	);
}

function Failure({ error, retry }: { error: MessageError; retry: (() => void) | undefined }) {
	if (error.kind === 'cancelled') return <Line>{error.message || 'Stopped.'}</Line>;
	const curedInSettings = error.kind === 'credential' || error.kind === 'provider';
	return (
		<div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
			<CircleX size={16} aria-hidden className="shrink-0" />
			<p className="min-w-0 flex-1 basis-40 break-words">{error.message}</p>
			{curedInSettings && (
				<Button size="sm" href="/settings">
					Open Settings
				</Button>
			)}
			{retry !== undefined && (
				<Button size="sm" onClick={retry}>
					Retry
				</Button>
			)}
		</div>
	);
}
