import { type ReactNode, type RefObject, useState } from 'react';
import type { KeyRemoval, LegacyReport, PlainKeyPlace } from '#shared/legacy.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { RemoveKeysDialog } from './RemoveKeysDialog.tsx';
import { personWords, projectWords } from './reportWords.ts';

type Props = { report: LegacyReport; headingRef: RefObject<HTMLHeadingElement | null> };

/** What came over, and what could not, line by line. */
export function ImportReport({ report, headingRef }: Props) {
	return (
		<div className="mt-6 flex flex-col gap-6">
			<div>
				<h3 ref={headingRef} tabIndex={-1} className="font-medium outline-none">
					{report.summary}
				</h3>
				<p className="mt-0.5 text-sm break-words text-ink-soft">Read from {report.source}</p>
			</div>
			<Part title="People">
				{report.people.map((person) => (
					<Line key={person.name} name={person.name} badge={personWords(person)} notes={person.notes} />
				))}
			</Part>
			<Part title="Projects">
				{report.projects.map((project, at) => (
					<Line
						key={project.projectId ?? `${project.name} ${at}`}
						name={project.name}
						badge={projectWords(project)}
						notes={project.owner === null ? project.notes : [`Owner: ${project.owner}.`, ...project.notes]}
					/>
				))}
			</Part>
			<Part title="Not taken over">
				{report.leftBehind.map((words) => (
					<li key={words} className="px-4 py-2.5 text-ink-soft">
						{words}
					</li>
				))}
			</Part>
			{report.plainKeys.length > 0 && <PlainKeys places={report.plainKeys} source={report.source} />}
		</div>
	);
}

function Part({ title, children }: { title: string; children: ReactNode[] }) {
	if (children.length === 0) return null;
	return (
		<div>
			<h4 className="mb-2 text-sm font-medium text-ink-soft">{title}</h4>
			<Card flush>
				<ul aria-label={title} className="divide-y divide-line">
					{children}
				</ul>
			</Card>
		</div>
	);
}

type LineProps = {
	name: string;
	badge: { tone: 'ok' | 'off' | 'warn'; words: string };
	notes: string[];
};

function Line({ name, badge, notes }: LineProps) {
	return (
		<li className="px-4 py-3">
			<p className="flex flex-wrap items-center gap-2">
				<span className="min-w-0 font-medium break-words">{name}</span>
				<Badge tone={badge.tone}>{badge.words}</Badge>
			</p>
			{notes.map((note) => (
				<p key={note} className="mt-0.5 text-sm break-words text-ink-soft">
					{note}
				</p>
			))}
		</li>
	);
}

/** The files that hold a key in plain text, and the offer to take it out of them, which is never done unasked. */
function PlainKeys({ places, source }: { places: PlainKeyPlace[]; source: string }) {
	const [asking, setAsking] = useState(false);
	const [done, setDone] = useState<KeyRemoval | null>(null);
	const removable = places.filter((place) => place.removable).length;
	return (
		<div>
			<h4 className="mb-2 text-sm font-medium text-ink-soft">Keys in plain text</h4>
			<Card flush>
				<ul aria-label="Keys in plain text" className="divide-y divide-line">
					{(done === null ? places.map(asPlace) : afterwards(done)).map(({ path, words }) => (
						<li key={`${path} ${words}`} className="px-4 py-2.5">
							<code className="block font-mono text-sm break-all">{path}</code>
							<span className="text-sm text-ink-soft">{words}</span>
						</li>
					))}
				</ul>
				{done === null && removable > 0 && (
					<div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3">
						<p className="min-w-0 flex-1 basis-48 text-sm text-ink-soft">
							doce holds these keys encrypted. The old files keep theirs until you say otherwise.
						</p>
						<Button size="sm" onClick={() => setAsking(true)}>
							Remove the keys
						</Button>
					</div>
				)}
			</Card>
			{asking && (
				<RemoveKeysDialog path={source} count={removable} onClose={() => setAsking(false)} onRemoved={setDone} />
			)}
		</div>
	);
}

function asPlace({ path, what }: PlainKeyPlace) {
	return { path, words: `Holds ${what}` };
}

function afterwards({ removed, left }: KeyRemoval) {
	return [
		...removed.map(({ path, what }) => ({ path, words: `Removed: ${what}` })),
		...left.map(({ path, why }) => ({ path, words: `Not removed: ${why}` })),
	];
}
