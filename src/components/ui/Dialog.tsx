import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { cx } from './cx.ts';
import { IconButton } from './IconButton.tsx';

type Props = {
	open: boolean;
	onOpenChange: (open: boolean) => void;
	title: ReactNode;
	description?: ReactNode;
	/** `sm` 420 · `md` 560 · `lg` 640×512 with a fixed height. On a phone all of them fill the width. */
	size?: 'sm' | 'md' | 'lg';
	/** Buttons at the bottom right, the main one last. */
	footer?: ReactNode;
	/** False while something in it must not be lost by a click beside it. */
	dismissible?: boolean;
	/** What has the focus when it opens; the first control without it. */
	initialFocus?: RefObject<HTMLElement | null> | undefined;
	/** Leaves out the padding round the content: for lists that reach the edges. */
	flush?: boolean;
	children: ReactNode;
};

const SIZES = { sm: 'sm:max-w-[26.25rem]', md: 'sm:max-w-[35rem]', lg: 'sm:max-w-[40rem] h-[32rem]' };

export const SCRIM =
	'fixed inset-0 z-40 bg-scrim transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0';

export const SHEET =
	'fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line bg-raised text-ink shadow-raised outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0';

export function Dialog({
	open,
	onOpenChange,
	title,
	description,
	size = 'md',
	footer,
	dismissible = true,
	initialFocus,
	flush,
	children,
}: Props) {
	return (
		<Base.Root open={open} onOpenChange={onOpenChange} disablePointerDismissal={!dismissible}>
			<Base.Portal>
				<Base.Backdrop className={SCRIM} />
				<Base.Popup initialFocus={initialFocus} className={cx(SHEET, SIZES[size])}>
					<header className="py-4 pr-14 pl-5">
						<Base.Title className="text-lg font-semibold">{title}</Base.Title>
						{description && <Base.Description className="mt-0.5 text-ink-soft">{description}</Base.Description>}
					</header>
					<div className={cx('flex min-h-0 flex-1 flex-col overflow-y-auto', !flush && 'px-5 pt-1 pb-5')}>
						{children}
					</div>
					{footer && <DialogFooter>{footer}</DialogFooter>}
					{/* Last in order, so that the focus starts at what the dialog is about. */}
					<Base.Close
						className="absolute top-2.5 right-3"
						render={<IconButton label="Close" icon={<X size={16} aria-hidden />} quiet />}
					/>
				</Base.Popup>
			</Base.Portal>
		</Base.Root>
	);
}

/** With `flush`: the part of a form that scrolls, above its DialogFooter. */
export function DialogBody({ children }: { children: ReactNode }) {
	return <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5">{children}</div>;
}

/** The line of buttons at the bottom, the main one last; `start` stands at the left. */
export function DialogFooter({ start, children }: { start?: ReactNode; children: ReactNode }) {
	return (
		<footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
			{start && <div className="mr-auto">{start}</div>}
			{children}
		</footer>
	);
}
