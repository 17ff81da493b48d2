import type { JobEventView } from '#shared/queue.ts';
import { cx } from './cx.ts';

const TONES = { info: 'text-ink-soft', warn: 'text-warn', error: 'text-bad' };
const LEVELS = { info: '', warn: 'Warning: ', error: 'Error: ' };

const clock = new Intl.DateTimeFormat('en', {
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	hourCycle: 'h23',
});

/** A job's log, oldest line first. Render it in the browser only: its times are in the person's zone. */
export function JobLog({ events }: { events: JobEventView[] }) {
	if (events.length === 0) return <p className="text-sm text-ink-faint">Nothing has been logged yet.</p>;
	return (
		<ol className="flex flex-col gap-1 font-mono text-xs">
			{events.map((event, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
				<li key={at} className="flex gap-3">
					<time dateTime={event.at} className="tabular shrink-0 text-ink-faint">
						{clock.format(new Date(event.at))}
					</time>
					<span className={cx('min-w-0 break-words whitespace-pre-wrap', TONES[event.level])}>
						{LEVELS[event.level]}
						{event.message}
					</span>
				</li>
			))}
		</ol>
	);
}
