import { Check, Circle, CirclePause, CircleX, KeyRound } from 'lucide-react';
import type { StepView } from '#shared/projects.ts';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { jobStateWords } from '../../ui/JobStateBadge.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { durationWords } from '../../ui/timeWords.ts';
import { useNow } from '../../ui/useNow.ts';
import { Fold } from './Fold.tsx';
import { LoadedLog } from './LoadedLog.tsx';
import { stepAdvice, stepName } from './stepWords.ts';

type Props = { steps: StepView[]; onRetry: (jobId: string) => void };

/** The six steps of the setup, live; each opens to its job's log. */
export function SetupSteps({ steps, onRetry }: Props) {
	const now = useNow(steps.some((step) => step.state === 'running'));
	return (
		<ol className="flex flex-col rounded-lg border border-line bg-surface">
			{steps.map((step) => (
				<li key={step.type} className="border-b border-line last:border-b-0">
					<Step step={step} now={now} onRetry={onRetry} />
				</li>
			))}
		</ol>
	);
}

function Step({ step, now, onRetry }: { step: StepView; now: number | null; onRetry: Props['onRetry'] }) {
	const line = <StepLine step={step} now={now} />;
	if (step.jobId === null) return <div className="flex min-h-11 items-center gap-3 px-4">{line}</div>;
	return (
		<>
			<Fold line={line}>
				<LoadedLog jobId={step.jobId} />
			</Fold>
			{step.state === 'failed' && <StepFailure step={step} jobId={step.jobId} onRetry={onRetry} />}
			{step.state === 'waiting_for_credential' && <StepWaits />}
		</>
	);
}

function StepLine({ step, now }: { step: StepView; now: number | null }) {
	const started = step.startedAt === null ? null : Date.parse(step.startedAt);
	const ended = step.finishedAt === null ? now : Date.parse(step.finishedAt);
	const took = started === null || ended === null ? '' : durationWords(Math.max(0, ended - started));
	return (
		<>
			<StepIcon state={step.state} />
			<span className={cx('min-w-0 flex-1', step.state === 'queued' && 'text-ink-faint')}>
				{stepName(step.type)}
				<span className="sr-only">: {jobStateWords(step.state)}</span>
				{step.attempts > 1 && <span className="ml-2 text-xs text-ink-faint">attempt {step.attempts}</span>}
			</span>
			<span className="tabular shrink-0 text-sm text-ink-faint">{took}</span>
		</>
	);
}

function StepIcon({ state }: { state: StepView['state'] }) {
	if (state === 'running') return <Spinner className="shrink-0 text-busy" />;
	if (state === 'succeeded') return <Check size={16} aria-hidden className="shrink-0 text-ok" />;
	if (state === 'failed') return <CircleX size={16} aria-hidden className="shrink-0 text-bad" />;
	if (state === 'waiting_for_credential') return <KeyRound size={16} aria-hidden className="shrink-0 text-warn" />;
	if (state === 'cancelled') return <CirclePause size={16} aria-hidden className="shrink-0 text-ink-faint" />;
	return <Circle size={16} aria-hidden className="shrink-0 text-line-strong" />;
}

function StepFailure({ step, jobId, onRetry }: { step: StepView; jobId: string; onRetry: Props['onRetry'] }) {
	return (
		<div role="alert" className="flex flex-wrap items-center gap-3 px-4 pb-3 pl-11">
			<p className="min-w-0 flex-1 basis-60">
				<span className="text-bad">{step.error ?? 'This step failed.'}</span>{' '}
				<span className="text-ink-soft">{stepAdvice(step)}</span>
			</p>
			<Button size="sm" variant="primary" onClick={() => onRetry(jobId)}>
				Retry
			</Button>
		</div>
	);
}

function StepWaits() {
	return (
		<div className="flex flex-wrap items-center gap-3 px-4 pb-3 pl-11">
			<p className="min-w-0 flex-1 basis-60 text-ink-soft">
				The provider did not take the credential. Replace it in Settings; the setup goes on by itself.
			</p>
			<Button size="sm" href="/settings">
				Open Settings
			</Button>
		</div>
	);
}
