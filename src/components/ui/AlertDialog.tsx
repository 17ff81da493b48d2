import { AlertDialog as Base } from '@base-ui/react/alert-dialog';
import { type ReactNode, useRef } from 'react';
import { Button } from './Button.tsx';
import { cx } from './cx.ts';
import { SCRIM, SHEET } from './Dialog.tsx';

type Props = {
	open: boolean;
	onOpenChange: (open: boolean) => void;
	title: string;
	/** What follows from it. */
	children: ReactNode;
	/** The verb, such as "Disconnect"; never "OK". */
	confirmLabel: string;
	tone?: 'danger' | 'normal';
	busy?: boolean;
	/** Said inside the dialog, which stays open. */
	error?: string | null;
	onConfirm: () => void;
};

/** Asks before something that cannot be taken back. Focus starts on Cancel; clicking beside it does nothing. */
export function AlertDialog({
	open,
	onOpenChange,
	title,
	children,
	confirmLabel,
	tone = 'danger',
	busy,
	error,
	onConfirm,
}: Props) {
	const cancel = useRef<HTMLButtonElement>(null);
	return (
		<Base.Root open={open} onOpenChange={onOpenChange}>
			<Base.Portal>
				<Base.Backdrop className={SCRIM} />
				<Base.Popup initialFocus={cancel} className={cx(SHEET, 'sm:max-w-[26.25rem]')}>
					<div className="overflow-y-auto p-5">
						<Base.Title className="text-lg font-semibold">{title}</Base.Title>
						<Base.Description render={<div />} className="mt-2 text-ink-soft">
							{children}
						</Base.Description>
						<p role="alert" className="mt-3 text-bad empty:hidden">
							{error}
						</p>
					</div>
					<footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
						<Base.Close ref={cancel} render={<Button>Cancel</Button>} />
						<Button variant={tone === 'danger' ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
							{confirmLabel}
						</Button>
					</footer>
				</Base.Popup>
			</Base.Portal>
		</Base.Root>
	);
}
