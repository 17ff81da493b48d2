import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';

type Props = {
	label: string;
	/** The focusable element that is explained. */
	children: ReactElement<Record<string, unknown>>;
	side?: 'top' | 'bottom' | 'left' | 'right';
};

/** A short explanation on hover and focus. Never the only place where something important is said. */
export function Tooltip({ label, children, side = 'top' }: Props) {
	return (
		<Base.Root>
			<Base.Trigger render={children} delay={400} />
			<Base.Portal>
				<Base.Positioner side={side} sideOffset={6} className="z-50">
					<Base.Popup className="max-w-72 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-raised transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
						{label}
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}
