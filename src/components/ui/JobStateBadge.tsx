import type { JobState } from '#shared/queue.ts';
import { StatusBadge, type Tone } from './StatusBadge.tsx';

const STATES: Record<JobState, { tone: Tone; words: string }> = {
	queued: { tone: 'waiting', words: 'Queued' },
	running: { tone: 'busy', words: 'Running' },
	waiting_for_credential: { tone: 'warn', words: 'Waiting for a credential' },
	succeeded: { tone: 'ok', words: 'Done' },
	failed: { tone: 'bad', words: 'Failed' },
	cancelled: { tone: 'off', words: 'Cancelled' },
};

export function JobStateBadge({ state }: { state: JobState }) {
	return <StatusBadge tone={STATES[state].tone}>{STATES[state].words}</StatusBadge>;
}

/** The same words without the badge, for filters and sentences. */
export function jobStateWords(state: JobState): string {
	return STATES[state].words;
}
