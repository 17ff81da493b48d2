import { z } from 'zod';
import { listAudit } from '#server/audit/audit.ts';
import { listSubjects } from '#server/audit/subjects.ts';
import { nameProjects } from '#server/projects/names.ts';
import { auditChoices, auditEntryView, auditFilter, auditFormat } from '#shared/audit.ts';
import { exportAudit, exportName, MEDIA_TYPES } from './audit/export.ts';
import { ownerOf, toFilter } from './audit/filter.ts';
import { actorNames, connectionNames, nameEntries } from './audit/names.ts';
import { userAction } from './define.ts';

const MOST = 500;

export const audit = {
	list: userAction({
		input: auditFilter.extend({
			before: z.string().max(64).optional(),
			limit: z.number().int().min(1).max(MOST).optional(),
		}),
		output: z.object({ entries: z.array(auditEntryView) }),
		async run({ before, limit = MOST, ...input }, { app, user }) {
			const stored = await listAudit(app.db, { ...toFilter(input, user), before, limit });
			return { entries: await nameEntries(app, stored) };
		},
	}),

	choices: userAction({
		input: z.object({ all: z.boolean().optional() }),
		output: auditChoices,
		async run(input, { app, user }) {
			const { connectionIds, projectIds, actors } = await listSubjects(app.db, ownerOf(input, user));
			const [connections, projects, people] = await Promise.all([
				connectionNames(app, connectionIds),
				nameProjects(app.db, projectIds),
				actorNames(app, actors),
			]);
			return {
				connections: named(connectionIds, connections, 'A connection that is gone'),
				projects: named(projectIds, projects, 'A project that is gone'),
				actors: actors.map((id) => ({ id, name: people.get(id) ?? id })),
			};
		},
	}),

	export: userAction({
		input: auditFilter.extend({ format: auditFormat }),
		output: z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
		async run({ format, ...input }, { app, user }) {
			let content = '';
			for await (const piece of exportAudit(app, toFilter(input, user), format)) content += piece;
			return { fileName: exportName(format), mediaType: MEDIA_TYPES[format], content };
		},
	}),
};

/** By name; what has none any more comes last. */
function named(ids: string[], names: Map<string, string>, gone: string): { id: string; name: string }[] {
	const known = ids.flatMap((id) => ({ id, name: names.get(id) })).filter((one) => one.name !== undefined);
	const sorted = known.sort((one, other) => (one.name ?? '').localeCompare(other.name ?? ''));
	const rest = ids.filter((id) => !names.has(id));
	return [
		...sorted.map(({ id, name = gone }) => ({ id, name })),
		...rest.map((id) => ({ id, name: `${gone} (${id.slice(-6)})` })),
	];
}
