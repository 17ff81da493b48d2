import { Brain, ChevronRight, Shuffle } from 'lucide-react';
import type { MessagePart } from '#shared/chat.ts';
import { Spinner } from '../../ui/Spinner.tsx';
import type { ShownMessage } from '../state/chatState.ts';
import type { TurnMessage } from '../state/turns.ts';
import { Markdown } from './Markdown.tsx';
import { Outcome } from './Outcome.tsx';
import type { OutcomeVerbs } from './outcomeVerbs.ts';
import { ToolCall } from './ToolCall.tsx';

type Props = TurnMessage & { verbs: OutcomeVerbs };

export function Message({ message, job, outcome: told, verbs }: Props) {
	const outcome = told !== null && <Outcome message={told} job={job} verbs={verbs} />;
	if (message.role === 'user') {
		return (
			<article aria-label="You" className="flex flex-col gap-2">
				<OwnWords message={message} />
				{message.note !== undefined && <Note>{message.note}</Note>}
				{outcome}
			</article>
		);
	}
	if (message.parts.length === 0 && told === null) return null;
	const writes = message.completedAt === null && message.error === undefined;
	return (
		<article aria-label="Agent" className="flex min-w-0 flex-col gap-2 empty:hidden">
			{message.parts.map((part, at) => (
				<Part key={part.id} part={part} thinks={writes && at === message.parts.length - 1} />
			))}
			{outcome}
		</article>
	);
}

function Note({ children }: { children: string }) {
	return (
		<p className="flex items-start gap-1.5 self-end text-xs text-ink-soft">
			<Shuffle size={14} aria-hidden className="mt-0.5 shrink-0" />
			<span>{children}</span>
		</p>
	);
}

function OwnWords({ message }: { message: ShownMessage }) {
	const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
	return (
		<p className="ml-8 max-w-full self-end rounded-lg bg-sunken px-3 py-2 break-words whitespace-pre-wrap">{text}</p>
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
