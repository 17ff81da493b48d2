import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export type Tab = {
	value: string;
	label: string;
	icon?: ReactNode;
	panel: ReactNode;
	/** Keeps the panel in the page while another is shown: for frames and editors that must not start over. */
	keepMounted?: boolean;
};

type Props = {
	/** What the tabs choose between, for a screen reader. */
	label: string;
	tabs: Tab[];
	value: string;
	onChange: (value: string) => void;
	/** Stands at the right end of the line of tabs. */
	aside?: ReactNode;
	className?: string;
	panelClassName?: string;
};

export function Tabs({ label, tabs, value, onChange, aside, className, panelClassName }: Props) {
	return (
		<Base.Root
			value={value}
			onValueChange={(next) => onChange(String(next))}
			className={cx('flex min-h-0 flex-col', className)}
		>
			<div className="flex items-center justify-between gap-2 border-b border-line px-2">
				<Base.List aria-label={label} className="flex min-w-0 overflow-x-auto" activateOnFocus>
					{tabs.map((tab) => (
						<Base.Tab
							key={tab.value}
							value={tab.value}
							className="-mb-px inline-flex h-10 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-ink-soft transition-colors hover:text-ink focus-visible:-outline-offset-2 data-active:border-accent-text data-active:font-medium data-active:text-ink"
						>
							{tab.icon}
							{tab.label}
						</Base.Tab>
					))}
				</Base.List>
				{aside}
			</div>
			{tabs.map((tab) => (
				<Base.Panel
					key={tab.value}
					value={tab.value}
					keepMounted={tab.keepMounted ?? false}
					className={cx('min-h-0 flex-1 focus-visible:-outline-offset-2', panelClassName)}
				>
					{tab.panel}
				</Base.Panel>
			))}
		</Base.Root>
	);
}
