import { Hourglass } from 'lucide-react';
import type { MessageError } from '#shared/chat.ts';
import type { ConnectionReason } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { durationWords } from '../../ui/timeWords.ts';
import { useNow } from '../../ui/useNow.ts';
import type { OutcomeVerbs } from './outcomeVerbs.ts';

/** The one button that cures what a message waits for, in Settings; nothing cures a limit or an outage but time. */
const CURES: Partial<Record<ConnectionReason, string>> = {
	key_rejected: 'Replace key',
	sign_in_expired: 'Sign in again',
	out_of_credit: 'Open Settings',
	disconnected: 'Connect',
};

/** A message that is kept until its provider serves again. */
export function Waiting({ error, verbs }: { error: MessageError; verbs: OutcomeVerbs }) {
	const { offer, reason, retryAt } = error;
	const now = useNow(retryAt !== undefined);
	const left = retryAt === undefined || now === null ? 0 : Date.parse(retryAt) - now;
	const cure = reason && CURES[reason];
	const place = error.connectionId === undefined ? '' : `#connection-${error.connectionId}`;
	return (
		<div className="flex flex-col gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
			<div className="flex items-start gap-2">
				<Hourglass size={16} aria-hidden className="mt-0.5 shrink-0" />
				<p className="min-w-0 flex-1 break-words">{error.message}</p>
			</div>
			<div className="flex flex-wrap items-center gap-2">
				{left > 0 && <span className="tabular text-sm">Next try in {durationWords(left)}</span>}
				{cure !== undefined && (
					<Button size="sm" variant="primary" href={`/settings${place}`}>
						{cure}
					</Button>
				)}
				{offer !== undefined && (
					<Button size="sm" onClick={() => verbs.onContinue(offer.connectionId)}>
						Continue with {offer.providerName}
					</Button>
				)}
				<Button size="sm" variant="ghost" onClick={verbs.onGiveUp}>
					Give up
				</Button>
			</div>
		</div>
	);
}
