import { coreWords, type LimitName, type LoadView, sizeWords } from '#shared/limits.ts';
import { type LoadNow, useLoad } from './useLoad.ts';

type Props = { projectId: string; keeps: readonly LimitName[] };

const NAMES: Record<LoadView['processes'][number]['name'], string> = { opencode: 'Agent', preview: 'Preview' };

/** What the project uses at the moment. */
export function LoadPanel({ projectId, keeps }: Props) {
	const now = useLoad(projectId);
	return (
		<section aria-label="In use">
			<h2 className="mb-2 font-semibold">In use</h2>
			{now === undefined && <p className="text-ink-faint">Measuring…</p>}
			{now?.load === null && <p className="text-ink-faint">Nothing: the project does not run.</p>}
			{now?.load && <Rows load={now.load} limits={now.limits} keeps={keeps} />}
		</section>
	);
}

type RowsProps = { load: LoadView; limits: LoadNow['limits']; keeps: Props['keeps'] };

function Rows({ load, limits, keeps }: RowsProps) {
	const memory = keeps.includes('memory') ? ` of ${sizeWords(limits.memoryMb)}` : '';
	const cpus = keeps.includes('cpus') ? ` of ${coreWords(limits.cpus)}` : '';
	const disk = keeps.includes('disk') ? ` of ${sizeWords(limits.diskMb)}` : '';
	return (
		<>
			{load.isPaused && <p className="mb-2 text-ink-soft">Paused: nobody used it. It goes on with the next visit.</p>}
			<dl className="flex flex-col rounded-lg border border-line bg-surface">
				{load.processes.map(({ name, memoryMb, cpus: used }) => (
					<Row key={name} name={NAMES[name]}>
						<span>
							{sizeWords(memoryMb)}
							{memory}
						</span>
						<span>{cpus === '' ? coreWords(used) : `${Number(used.toFixed(2))}${cpus}`}</span>
					</Row>
				))}
				{load.diskMb !== null && (
					<Row name="Disk">
						<span>
							{sizeWords(load.diskMb)}
							{disk}
						</span>
					</Row>
				)}
			</dl>
		</>
	);
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
	return (
		<div className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5 last:border-b-0">
			<dt className="min-w-0 flex-1">{name}</dt>
			<dd className="tabular flex flex-wrap gap-x-4 text-sm text-ink-soft">{children}</dd>
		</div>
	);
}
