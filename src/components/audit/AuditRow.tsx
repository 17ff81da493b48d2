import { ChevronRight } from 'lucide-react';
import type { AuditEntryView } from '#shared/audit.ts';
import { Time } from '../ui/Time.tsx';
import { auditIcon, auditSentence } from './auditWords.ts';

type Props = { entry: AuditEntryView /** Whose it is, where everybody's are shown. */; withOwner: boolean };

/** What happened, to what, where, by whom and when; opened, all that is written down of it. */
export function AuditRow({ entry, withOwner }: Props) {
	const { connectionName, projectId, projectName, actorName, ownerName } = entry;
	const Icon = auditIcon(entry.action);
	const facts = [
		connectionName,
		projectId === null ? null : (projectName ?? 'A project that is gone'),
		withOwner && ownerName !== null ? `of ${ownerName}` : null,
		`by ${actorName}`,
	].filter((fact) => fact !== null);
	return (
		<li>
			<details className="group">
				<summary className="flex min-h-12 cursor-pointer list-none items-start gap-3 px-4 py-2.5 transition-colors hover:bg-sunken focus-visible:-outline-offset-2">
					<Icon size={16} aria-hidden className="mt-0.5 shrink-0 text-ink-faint" />
					<span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 gap-y-0.5">
						<span className="min-w-0 flex-1 basis-56">
							<span className="block font-medium break-words">{auditSentence(entry)}</span>
							<span className="block text-sm break-words text-ink-soft">{facts.join(' · ')}</span>
						</span>
						<Time at={entry.at} className="text-sm text-ink-faint" />
					</span>
					<ChevronRight size={14} aria-hidden className="mt-1 shrink-0 text-ink-faint group-open:rotate-90" />
				</summary>
				<Details entry={entry} />
			</details>
		</li>
	);
}

function Details({ entry }: { entry: AuditEntryView }) {
	const { projectId, projectName } = entry;
	const rows = [
		['Time', entry.at],
		['Action', entry.action],
		['Actor', entry.actor],
		['Connection', entry.connectionId],
		['Project', projectId],
		['Job', entry.jobId],
		...Object.entries(entry.detail).map(([name, value]) => [name, value === null ? null : String(value)] as const),
	].filter((row): row is [string, string] => row[1] !== null);
	return (
		<div className="px-4 pt-1 pb-4 pl-11">
			<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
				{rows.map(([name, value]) => (
					<div key={name} className="contents">
						<dt className="text-ink-soft">{name}</dt>
						<dd className="font-mono text-xs leading-[1.125rem] break-all">{value}</dd>
					</div>
				))}
			</dl>
			{projectId !== null && projectName !== null && (
				<a
					href={`/projects/${projectId}`}
					className="mt-2 inline-block text-sm text-accent-text underline underline-offset-2"
				>
					Open {projectName}
				</a>
			)}
		</div>
	);
}
