import { ShieldAlert } from 'lucide-react';
import type { Isolation } from '#shared/projects.ts';
import { ISOLATION_CONSEQUENCES, ISOLATION_WORDS } from '../../ui/isolationWords.ts';

/** Where projects are not wholly kept apart: why, what to do, and what that means for keys. */
export function IsolationNotice({ isolation: { level, reason } }: { isolation: Isolation }) {
	if (level === 'isolated') return null;
	return (
		<div
			role="note"
			aria-labelledby="isolation-notice"
			className="mb-4 flex items-start gap-3 rounded-lg border border-line bg-warn-soft p-4"
		>
			<ShieldAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-warn" />
			<div className="min-w-0">
				<h3 id="isolation-notice" className="font-medium">
					{ISOLATION_WORDS[level]}
				</h3>
				<p className="mt-0.5 text-pretty break-words text-ink-soft">
					{reason} {ISOLATION_CONSEQUENCES[level]}
				</p>
			</div>
		</div>
	);
}
