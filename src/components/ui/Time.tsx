import { useEffect, useState } from 'react';
import { cx } from './cx.ts';
import { exactTime, relativeTime } from './timeWords.ts';

type Props = { /** ISO 8601. */ at: string; className?: string };

/** How long ago, in words, kept current; the exact time on hover. */
export function Time({ at, className }: Props) {
	const [now, setNow] = useState<number | null>(null);
	useEffect(() => {
		setNow(Date.now());
		const timer = setInterval(() => setNow(Date.now()), 30_000);
		return () => clearInterval(timer);
	}, []);
	// Until the browser takes over, server and browser must write the same words, whatever their clocks and zones.
	const words = now === null ? `${at.slice(0, 10)} ${at.slice(11, 16)} UTC` : relativeTime(at, now);
	return (
		<time
			dateTime={at}
			title={now === null ? undefined : exactTime(at)}
			className={cx('tabular whitespace-nowrap', className)}
		>
			{words}
		</time>
	);
}
