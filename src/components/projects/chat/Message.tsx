import { Brain, ChevronRight, CircleX } from 'lucide-react';
import type { MessageError, MessagePart } from '#shared/chat.ts';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../../ui/Button.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import type { ShownMessage } from './chatState.ts';
import { Markdown } from './Markdown.tsx';
import { ToolCall } from './ToolCall.tsx';

type Props = {
	message: ShownMessage;
	/** The job that sends a person's message, when it is known. */
	job: JobView | undefined;
	onRetry: (jobId: string) => void;
};

export function Message({ message, job, onRetry }: Props) {
	if (message.role === 'user') return <OwnMessage message={message} job={job} onRetry={onRetry} />;
	const writes = message.completedAt === null && message.error === undefined;
	return (
		<article aria-label="Agent" className="flex min-w-0 flex-col gap-2">
			{message.parts.map((part, at) => (
				<Part key={part.id} part={part} thinks={writes && at === message.parts.length - 1} />
			))}
			{message.error !== undefined && <Failure error={message.error} />}
		</article>
	);
}

function OwnMessage({ message, job, onRetry }: Props) {
	const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
	return (
		<article aria-label="You" className="flex flex-col items-end gap-1 self-end pl-8">
			<p className="max-w-full rounded-lg bg-sunken px-3 py-2 break-words whitespace-pre-wrap">{text}</p>
			{message.sending ? <Line spins>Sending</Line> : <JobLine job={job} onRetry={onRetry} />}
		</article>
	);
}

/** What became of the sending, where it is not simply done. */
function JobLine({ job, onRetry }: { job: JobView | undefined; onRetry: Props['onRetry'] }) {
	if (job?.state === 'queued') return <Line>Queued: sent when the agent is free</Line>;
	if (job?.state === 'waiting_for_credential') {
		return (
			<Line>
				Kept until the provider works again, then sent by itself.{' '}
				<a href="/settings" className="text-accent-text underline underline-offset-2">
					Open Settings
				</a>
			</Line>
		);
	}
	if (job?.state === 'cancelled' && job.startedAt === null) return <Line>Stopped before it was sent</Line>;
	if (job?.state !== 'failed') return null;
	return (
		<div className="flex flex-wrap items-center justify-end gap-2 text-sm text-bad">
			<span>Not done: {job.lastError ?? 'the job failed.'}</span>
			<Button size="sm" onClick={() => onRetry(job.id)}>
				Retry
			</Button>
		</div>
	);
}

function Line({ children, spins }: { children: React.ReactNode; spins?: boolean }) {
	return (
		<p className="flex items-center gap-1.5 text-xs text-ink-faint">
			{spins && <Spinner size={12} />}
			<span>{children}</span>
		</p>
	);
}

function Part({ part, thinks }: { part: MessagePart; thinks: boolean }) {
	if (part.type === 'tool') return <ToolCall part={part} />;
	if (part.text.trim() === '') return null;
	return part.type === 'text' ? <Markdown text={part.text} /> : <Reasoning text={part.text} thinks={thinks} />;
}

function Reasoning({ text, thinks }: { text: string; thinks: boolean }) {
	return (
		<details className="group text-sm text-ink-soft">
			<summary className="inline-flex min-h-7 list-none items-center gap-1.5 rounded-md pr-2 hover:text-ink">
				{thinks ? <Spinner size={14} /> : <Brain size={14} aria-hidden />}
				{thinks ? 'Thinking' : 'Thoughts'}
				<ChevronRight size={14} aria-hidden className="text-ink-faint group-open:rotate-90" />
			</summary>
			<p className="mt-1 border-l-2 border-line pl-3 whitespace-pre-wrap">{text}</p>
		</details>
	);
}

function Failure({ error }: { error: MessageError }) {
	if (error.kind === 'cancelled') return <p className="text-sm text-ink-faint">Stopped.</p>;
	const curedInSettings = error.kind === 'credential' || error.kind === 'provider';
	return (
		<div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
			<CircleX size={16} aria-hidden className="shrink-0" />
			<p className="min-w-0 flex-1 basis-40">{error.message}</p>
			{curedInSettings && (
				<Button size="sm" href="/settings">
					Open Settings
				</Button>
			)}
		</div>
	);
}
