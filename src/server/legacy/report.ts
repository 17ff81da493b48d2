import type { ImportOutcome, LegacyReport } from '#shared/legacy.ts';

type Lines = Pick<LegacyReport, 'people' | 'projects'>;

/** What an import did, in one sentence or two. */
export function summarize({ people, projects }: Lines): string {
	const came = `${count(of(people, 'imported', 'matched'), 'person', 'people')} and ${count(of(projects, 'imported'), 'project')} came over.`;
	const before = [of(people, 'unchanged', 'removed'), of(projects, 'unchanged', 'removed')];
	if (before[0] === 0 && before[1] === 0) return came;
	return `${came} ${count(before[0] ?? 0, 'person', 'people')} and ${count(before[1] ?? 0, 'project')} had come over before and were left alone.`;
}

/** What stays in the old application by intention. */
export function describeLeftBehind({ deletedProjects, sessions, queueJobs }: LegacyReport['skipped']): string[] {
	const skipped = deletedProjects === 0 ? [] : [`${count(deletedProjects, 'deleted project')}, skipped.`];
	const signIns =
		sessions === 0 ? [] : [`${count(sessions, 'session')}: people sign in again, with their old password.`];
	const jobs = queueJobs === 0 ? [] : [`${count(queueJobs, 'queue entry', 'queue entries')}.`];
	return [
		...skipped,
		...signIns,
		...jobs,
		"Conversations with the agent: here each project's chat begins with its first prompt.",
		'Ports, published builds and the settings of the queue.',
	];
}

/** The whole report as lines of text, for a terminal. */
export function printReport(report: LegacyReport): string[] {
	const people = report.people.flatMap((person) => [
		`  ${person.name}${person.username === null || person.username === person.name ? '' : ` (here: ${person.username})`}: ${OUTCOMES[person.outcome]}, ${KEYS[person.key]}`,
		...person.notes.map((note) => `    ${note}`),
	]);
	const projects = report.projects.flatMap((project) => [
		`  ${project.name}${project.owner === null ? '' : `, of ${project.owner}`}: ${OUTCOMES[project.outcome]}${project.workspace === null ? '' : `, ${WORKSPACES[project.workspace]}`}`,
		...project.notes.map((note) => `    ${note}`),
	]);
	const keys = report.plainKeys.map(({ path, what }) => `  ${path}: ${what}`);
	return [
		`Read from ${report.source}`,
		report.summary,
		...section('People', people),
		...section('Projects', projects),
		...section(
			'Not taken over',
			report.leftBehind.map((line) => `  ${line}`),
		),
		...section('Keys in plain text, in the old files', keys),
	];
}

const OUTCOMES: Record<ImportOutcome, string> = {
	imported: 'imported',
	matched: 'is the person of this name in doce',
	unchanged: 'came over before, left alone',
	removed: 'came over before, was removed from doce since, left alone',
	skipped: 'not imported',
};

const KEYS = {
	sealed: 'key encrypted',
	kept: 'key encrypted before',
	removed: 'key removed from doce since',
	none: 'without a key',
	refused: 'key not taken over',
};

const WORKSPACES = { copied: 'with its files', missing: 'files not found', refused: 'files not taken' };

function section(title: string, lines: string[]): string[] {
	return lines.length === 0 ? [] : ['', title, ...lines];
}

function of(lines: { outcome: ImportOutcome }[], ...outcomes: ImportOutcome[]): number {
	return lines.filter(({ outcome }) => outcomes.includes(outcome)).length;
}

function count(n: number, one: string, many = `${one}s`): string {
	return `${n} ${n === 1 ? one : many}`;
}
