import { ShieldAlert, ShieldCheck } from 'lucide-react';
import type { Isolation } from '#shared/projects.ts';
import { ISOLATION_WORDS } from './isolationWords.ts';
import { StatusBadge } from './StatusBadge.tsx';

/** How well projects are kept apart, in words. */
export function IsolationStatus({ level }: Pick<Isolation, 'level'>) {
	const isWhole = level === 'isolated';
	return (
		<StatusBadge tone={isWhole ? 'ok' : 'warn'} icon={isWhole ? ShieldCheck : ShieldAlert}>
			{ISOLATION_WORDS[level]}
		</StatusBadge>
	);
}
