import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';

type Props = { line: ReactNode; children: ReactNode };

/** One line that opens to more; what is inside exists, and loads, only while it is open. */
export function Fold({ line, children }: Props) {
	const [open, setOpen] = useState(false);
	return (
		<details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
			<summary className="flex min-h-11 list-none items-center gap-3 px-4 py-1.5 hover:bg-sunken focus-visible:-outline-offset-2">
				{line}
				<ChevronRight size={14} aria-hidden className="shrink-0 text-ink-faint group-open:rotate-90" />
			</summary>
			{open && <div className="px-4 pt-1 pb-3 pl-11">{children}</div>}
		</details>
	);
}
