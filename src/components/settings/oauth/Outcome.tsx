import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { ENDED_WORDS, type EndedState } from './methods.ts';

type ConnectedProps = { connection: ConnectionView; onDone: () => void };

export function Connected({ connection, onDone }: ConnectedProps) {
	const { providerName, account } = connection;
	return (
		<>
			<DialogBody>
				<div role="status" className="flex gap-3">
					<CircleCheck size={20} aria-hidden className="mt-0.5 shrink-0 text-ok" />
					<div className="min-w-0">
						<p className="font-medium">{providerName} is connected</p>
						<p className="break-words text-ink-soft">
							{account === null ? 'doce keeps the sign-in alive by itself.' : `Signed in as ${account}.`}
						</p>
					</div>
				</div>
			</DialogBody>
			<DialogFooter>
				<Button variant="primary" onClick={onDone} ref={takeFocus}>
					Done
				</Button>
			</DialogFooter>
		</>
	);
}

type EndedProps = { state: EndedState; message: string; onAgain: () => void; onClose: () => void };

export function Ended({ state, message, onAgain, onClose }: EndedProps) {
	return (
		<>
			<DialogBody>
				<div role="alert" className="flex gap-3">
					<CircleAlert size={20} aria-hidden className="mt-0.5 shrink-0 text-ink-faint" />
					<div className="min-w-0">
						<p className="font-medium">{ENDED_WORDS[state]}</p>
						{state !== 'cancelled' && <p className="break-words text-ink-soft">{message}</p>}
					</div>
				</div>
			</DialogBody>
			<DialogFooter>
				<Button onClick={onClose}>Close</Button>
				<Button variant="primary" onClick={onAgain} ref={takeFocus}>
					Try again
				</Button>
			</DialogFooter>
		</>
	);
}

function takeFocus(node: HTMLElement | null): void {
	node?.focus();
}
