import { ArrowDown, MessageSquare } from 'lucide-react';
import { useState } from 'react';
import type { JobView } from '#shared/queue.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import type { ChatState, ShownMessage } from '../state/chatState.ts';
import { toTurns } from '../state/turns.ts';
import { Composer } from './Composer.tsx';
import { Message } from './Message.tsx';
import { useStickToBottom } from './useStickToBottom.ts';

type Props = {
	projectId: string;
	chat: ChatState;
	jobs: JobView[];
	busy: boolean;
	blocked: string | null;
	onSend: (text: string) => Promise<string | null>;
	onStop: () => void;
	onRetry: (jobId: string) => void;
	onContinue: (connectionId: string) => void;
	onBudget: (connectionId: string | undefined) => void;
};

export function Chat({ projectId, chat, jobs, busy, blocked, onSend, onStop, onRetry, onContinue, onBudget }: Props) {
	const { scroller, content, atBottom, onScroll, toBottom } = useStickToBottom();
	const send = (text: string) => {
		toBottom();
		return onSend(text);
	};
	return (
		<section aria-label="Chat" className="flex h-full min-h-0 flex-col bg-surface">
			<div className="relative min-h-0 flex-1">
				<div
					ref={scroller}
					onScroll={onScroll}
					// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
					tabIndex={0}
					role="log"
					aria-live="off"
					aria-label="Messages"
					className="h-full overflow-y-auto focus-visible:-outline-offset-2"
				>
					<div ref={content} className="mx-auto flex max-w-3xl flex-col gap-4 p-4">
						{chat.messages.length === 0 && (
							<EmptyState icon={<MessageSquare size={24} aria-hidden />} title="No messages yet">
								Your first prompt appears here as soon as it is sent.
							</EmptyState>
						)}
						{toTurns(chat.messages, jobs).map((entry) => (
							<Message key={entry.message.id} {...entry} verbs={{ onRetry, onContinue, onBudget, onGiveUp: onStop }} />
						))}
						{busy && <Spinner size={14} label={chat.status ?? 'Working'} className="text-sm text-ink-soft" />}
					</div>
				</div>
				{!atBottom && (
					<Button
						size="sm"
						icon={<ArrowDown size={14} aria-hidden />}
						onClick={toBottom}
						className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-raised"
					>
						To the latest
					</Button>
				)}
			</div>
			<Announcer messages={chat.messages} />
			<Composer projectId={projectId} busy={busy} blocked={blocked} onSend={send} onStop={onStop} />
		</section>
	);
}

/** Reads a finished answer out, once and whole; what streams, and what was there before, stays unsaid. */
function Announcer({ messages }: { messages: ShownMessage[] }) {
	const latest = messages.findLast(
		(message) => message.role === 'assistant' && message.completedAt !== null && spoken(message) !== '',
	);
	const [known] = useState(latest?.id);
	return (
		<p aria-live="polite" className="sr-only">
			{latest === undefined || latest.id === known ? '' : spoken(latest)}
		</p>
	);
}

function spoken(message: ShownMessage): string {
	const text = message.parts
		.map((part) => (part.type === 'text' ? part.text : ''))
		.join(' ')
		.trim();
	return message.error === undefined ? text : `${text} ${message.error.message}`.trim();
}
