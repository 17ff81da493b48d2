import { type UsageReport, type UsageRow, type UsageSums, usdWords } from '#shared/usage.ts';
import { countWords, dayWords, GROUPING_WORDS } from './usageWords.ts';

const COLUMNS: { title: string; words: (sums: UsageSums) => string }[] = [
	{ title: 'Cost', words: ({ priceUsd }) => usdWords(priceUsd) },
	{ title: 'Input', words: ({ inputTokens }) => countWords(inputTokens) },
	{ title: 'Cached', words: ({ cachedTokens }) => countWords(cachedTokens) },
	{ title: 'Output', words: ({ outputTokens }) => countWords(outputTokens) },
	{ title: 'Reasoning', words: ({ reasoningTokens }) => countWords(reasoningTokens) },
	{ title: 'Calls', words: ({ calls }) => countWords(calls) },
];

/** A report in figures. It scrolls sideways where it is wider than the window. */
export function UsageTable({ report }: { report: UsageReport }) {
	const { by, totals } = report;
	// The newest day first, and without the quiet ones: it is read from the top.
	const rows = by === 'day' ? report.rows.filter(({ calls }) => calls > 0).toReversed() : report.rows;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
		<section tabIndex={0} aria-label="Usage in figures" className="overflow-x-auto focus-visible:-outline-offset-2">
			<table className="tabular w-full text-sm">
				<thead>
					<tr className="border-b border-line text-left text-ink-faint">
						<th scope="col" className="px-4 py-2 font-medium">
							{GROUPING_WORDS[by]}
						</th>
						{COLUMNS.map(({ title }) => (
							<th key={title} scope="col" className="px-3 py-2 text-right font-medium last:pr-4">
								{title}
							</th>
						))}
					</tr>
				</thead>
				<tbody className="divide-y divide-line">
					{rows.map((row) => (
						<Line key={row.id} name={nameOf(row, by)} sums={row} />
					))}
				</tbody>
				<tfoot className="border-t border-line font-medium">
					<Line name="All" sums={totals} />
				</tfoot>
			</table>
		</section>
	);
}

function Line({ name, sums }: { name: string; sums: UsageSums }) {
	return (
		<tr>
			<th scope="row" className="max-w-64 min-w-32 truncate px-4 py-2 text-left font-medium" title={name}>
				{name}
			</th>
			{COLUMNS.map(({ title, words }) => (
				<td key={title} className="px-3 py-2 text-right whitespace-nowrap last:pr-4">
					{words(sums)}
				</td>
			))}
		</tr>
	);
}

function nameOf(row: UsageRow, by: UsageReport['by']): string {
	return by === 'day' ? dayWords(row.id) : row.name;
}
