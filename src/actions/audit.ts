import { z } from 'zod';
import { listAudit } from '#server/audit/audit.ts';
import { userAction } from './define.ts';

const entry = z.object({
	id: z.string(),
	at: z.iso.datetime(),
	actor: z.string(),
	action: z.string(),
	connectionId: z.string().nullable(),
	projectId: z.string().nullable(),
	jobId: z.string().nullable(),
	detail: z.record(z.string(), z.unknown()),
});

const PAGE = 500;

export const audit = {
	list: userAction({
		input: z.object({
			connectionId: z.string().max(64).optional(),
			projectId: z.string().max(64).optional(),
			before: z.string().max(64).optional(),
		}),
		output: z.object({ entries: z.array(entry) }),
		run: async (input, { app, user }) => ({
			entries: await listAudit(app.db, { ...input, userId: user.id, limit: PAGE }),
		}),
	}),
};
