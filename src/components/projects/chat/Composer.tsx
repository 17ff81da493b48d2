import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { chatText } from '#shared/chat.ts';
import { Button } from '../../ui/Button.tsx';
import { Textarea } from '../../ui/Textarea.tsx';
import { useDraft } from './useDraft.ts';

type Props = {
	projectId: string;
	busy: boolean;
	/** Why nothing can be sent now. */
	blocked: string | null;
	/** Resolves to null when the server has the message, else to why not. */
	onSend: (text: string) => Promise<string | null>;
	onStop: () => void;
};

export function Composer({ projectId, busy, blocked, onSend, onStop }: Props) {
	const draft = useDraft(`doce:draft:${projectId}`);
	const [error, setError] = useState<string | null>(null);
	const hint = useId();

	const send = async () => {
		const parsed = chatText.safeParse(draft.text);
		if (!parsed.success) return setError(parsed.error.issues[0]?.message ?? 'Write a message first.');
		setError(null);
		draft.hold();
		const failure = await onSend(parsed.data);
		if (failure === null) return draft.forget(parsed.data);
		draft.putBack(parsed.data);
		setError(failure);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
		event.preventDefault();
		if (blocked === null) void send();
	};

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void send();
			}}
			className="border-t border-line p-3"
		>
			<Textarea
				aria-label="Message"
				aria-describedby={hint}
				placeholder="Ask for a change"
				value={draft.text}
				onChange={(event) => draft.setText(event.target.value)}
				onKeyDown={onKeyDown}
				rows={2}
				className="max-h-60"
			/>
			<div className="mt-2 flex items-center gap-2">
				<p id={hint} className="mr-auto min-w-0 text-xs">
					{error === null ? (
						<span className="text-ink-faint max-sm:sr-only">Enter sends, Shift + Enter starts a new line</span>
					) : (
						<span role="alert" className="text-bad">
							{error}
						</span>
					)}
				</p>
				{busy && (
					<Button size="sm" icon={<Square size={12} aria-hidden className="fill-current" />} onClick={onStop}>
						Stop
					</Button>
				)}
				<Button
					type="submit"
					size="sm"
					variant="primary"
					icon={<ArrowUp size={14} aria-hidden />}
					disabledReason={blocked ?? undefined}
				>
					Send
				</Button>
			</div>
		</form>
	);
}
