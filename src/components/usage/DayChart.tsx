import { type UsageRow, usdWords } from '#shared/usage.ts';
import { axisTop, layBars } from './chartScale.ts';
import { countWords, dayWords, type Metric, metricOf, shortCount } from './usageWords.ts';

type Props = { days: UsageRow[]; metric: Metric };

/** One bar a day. What it shows stands in the table below, too, so that nobody has to see it. */
export function DayChart({ days, metric }: Props) {
	const values = days.map((day) => metricOf(day, metric));
	const top = axisTop(values);
	const bars = layBars(values, top);
	const words = metric === 'cost' ? usdWords : countWords;
	const axis = metric === 'cost' ? usdWords : shortCount;
	return (
		<div className="grid grid-cols-[auto_1fr] gap-x-2 text-xs text-ink-faint">
			<div aria-hidden className="tabular flex h-44 flex-col justify-between text-right leading-none">
				<span>{axis(top)}</span>
				<span>{axis(top / 2)}</span>
				<span>{axis(0)}</span>
			</div>
			<svg
				role="img"
				aria-label={summary(days, values, metric)}
				viewBox="0 0 100 100"
				preserveAspectRatio="none"
				className="h-44 w-full overflow-visible"
			>
				{[0, 50, 100].map((y) => (
					<line key={y} x1="0" x2="100" y1={y} y2={y} className="stroke-line" vectorEffect="non-scaling-stroke" />
				))}
				{days.map((day, at) => (
					<g key={day.id} className="group">
						<title>{`${dayWords(day.id)}: ${words(values[at] ?? 0)}`}</title>
						<rect x={(at * 100) / days.length} width={100 / days.length} y="0" height="100" fill="transparent" />
						<rect {...bars[at]} className="fill-accent group-hover:fill-accent-hover" />
					</g>
				))}
			</svg>
			<div aria-hidden className="tabular col-start-2 mt-1.5 flex justify-between gap-2">
				<span>{dayWords(days[0]?.id ?? '')}</span>
				{days.length > 1 && <span>{dayWords(days.at(-1)?.id ?? '')}</span>}
			</div>
		</div>
	);
}

function summary(days: UsageRow[], values: number[], metric: Metric): string {
	const words = metric === 'cost' ? usdWords : (count: number) => `${countWords(count)} tokens`;
	const all = values.reduce((sum, value) => sum + value, 0);
	const most = values.indexOf(Math.max(...values));
	const range = `${dayWords(days[0]?.id ?? '')} to ${dayWords(days.at(-1)?.id ?? '')}`;
	const peak = all === 0 ? '' : `, most on ${dayWords(days[most]?.id ?? '')} (${words(values[most] ?? 0)})`;
	return `${metric === 'cost' ? 'Cost' : 'Tokens'} a day, ${range}: ${words(all)} in all${peak}.`;
}
