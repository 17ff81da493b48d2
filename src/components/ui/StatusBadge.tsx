import { Check, CirclePause, CircleX, Clock, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from './Badge.tsx';
import { Spinner } from './Spinner.tsx';

/** How something stands: `ok` done or healthy, `busy` working, `waiting` queued, `warn` and `bad` want attention, `off` stopped. */
export type Tone = 'ok' | 'busy' | 'waiting' | 'warn' | 'bad' | 'off';

type Props = { tone: Tone /** The status in words. */; children: ReactNode; icon?: LucideIcon; className?: string };

const ICONS: Record<Exclude<Tone, 'busy'>, LucideIcon> = {
	ok: Check,
	waiting: Clock,
	warn: TriangleAlert,
	bad: CircleX,
	off: CirclePause,
};

/** A status in words with an icon, so that colour is never alone. */
export function StatusBadge({ tone, children, icon, className }: Props) {
	const Icon = icon ?? (tone === 'busy' ? null : ICONS[tone]);
	return (
		<Badge
			tone={tone}
			{...(className === undefined ? {} : { className })}
			icon={Icon ? <Icon size={12} aria-hidden /> : <Spinner size={12} />}
		>
			{children}
		</Badge>
	);
}
