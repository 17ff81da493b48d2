import { z } from 'zod';
import { usedSubjects } from '#server/usage/report.ts';
import { usageChoices, usageFilter, usageGrouping, usageReport } from '#shared/usage.ts';
import { ownerOf } from './audit/filter.ts';
import { userAction } from './define.ts';
import { budgetVerbs } from './usage/budgets.ts';
import { CSV_TYPE, usageCsv, usageFileName } from './usage/export.ts';
import { nameChoices } from './usage/names.ts';
import { makeReport } from './usage/report.ts';

const reportInput = usageFilter.extend({ by: usageGrouping });

export const usage = {
	...budgetVerbs,

	report: userAction({
		input: reportInput,
		output: usageReport,
		run: async (input, { app, user }) => makeReport(app, user, input),
	}),

	choices: userAction({
		input: z.object({ all: z.boolean().optional() }),
		output: usageChoices,
		async run(input, { app, user }) {
			const { projectIds, connectionIds } = await usedSubjects(app.db, ownerOf(input, user));
			return {
				projects: await nameChoices(app, 'project', projectIds),
				connections: await nameChoices(app, 'connection', connectionIds),
			};
		},
	}),

	export: userAction({
		input: reportInput,
		output: z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
		async run(input, { app, user }) {
			const report = await makeReport(app, user, input);
			return { fileName: usageFileName(report), mediaType: CSV_TYPE, content: usageCsv(report) };
		},
	}),
};
