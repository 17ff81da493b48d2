import { Check, ChevronRight, CircleX, Clock } from 'lucide-react';
import type { MessagePart } from '#shared/chat.ts';
import { Spinner } from '../../ui/Spinner.tsx';

type Tool = Extract<MessagePart, { type: 'tool' }>;

const STATES = { pending: 'waiting', running: 'running', completed: 'done', error: 'failed' } as const;

/** One thing the agent did, folded to its title; opens to what went in and what came out. */
export function ToolCall({ part }: { part: Tool }) {
	return (
		<details className="group rounded-md border border-line text-sm">
			<summary className="flex min-h-8 list-none items-center gap-2 rounded-md px-2.5 hover:bg-sunken">
				<StateIcon state={part.state} />
				<span className="min-w-0 flex-1 truncate">{part.title || part.tool}</span>
				<span className="sr-only">{STATES[part.state]}</span>
				{part.title !== '' && <span className="shrink-0 font-mono text-xs text-ink-faint">{part.tool}</span>}
				<ChevronRight size={14} aria-hidden className="shrink-0 text-ink-faint group-open:rotate-90" />
			</summary>
			<div className="flex flex-col gap-2 border-t border-line p-2.5">
				<Block label="Asked" text={part.input} />
				<Block label={part.state === 'error' ? 'Failed with' : 'Result'} text={part.output} />
				{part.input === '' && part.output === '' && <p className="text-ink-faint">Nothing to show yet.</p>}
			</div>
		</details>
	);
}

function StateIcon({ state }: { state: Tool['state'] }) {
	if (state === 'running') return <Spinner size={14} className="shrink-0 text-busy" />;
	if (state === 'completed') return <Check size={14} aria-hidden className="shrink-0 text-ok" />;
	if (state === 'error') return <CircleX size={14} aria-hidden className="shrink-0 text-bad" />;
	return <Clock size={14} aria-hidden className="shrink-0 text-ink-faint" />;
}

function Block({ label, text }: { label: string; text: string }) {
	if (text === '') return null;
	return (
		<div>
			<p className="mb-1 text-xs text-ink-faint">{label}</p>
			<pre
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
				tabIndex={0}
				className="max-h-64 overflow-auto rounded-sm bg-sunken p-2 font-mono text-xs whitespace-pre-wrap"
			>
				{text}
			</pre>
		</div>
	);
}
