import { z } from 'zod';

/**
 * What became of a change in one project: `done` is delivered, or proved to be removed; `superseded` never arrived,
 * because a later change took its place.
 */
export const receiptState = z.enum(['pending', 'done', 'failed', 'superseded']);
export type ReceiptState = z.infer<typeof receiptState>;

/** A version of a connection on its way into a project (`deliver`), or out of it (`remove`). */
export const receiptKind = z.enum(['deliver', 'remove']);
export type ReceiptKind = z.infer<typeof receiptKind>;

export const receiptView = z.object({
	version: z.number().int(),
	projectId: z.string(),
	/** null once the project is deleted. */
	projectName: z.string().nullable(),
	kind: receiptKind,
	state: receiptState,
	/** Why it is pending or failed, or how it was proved. */
	detail: z.string().nullable(),
	/** When it was settled; while it is pending, when it began. */
	at: z.iso.datetime(),
});
export type ReceiptView = z.infer<typeof receiptView>;

/** How a project stands towards a connection: what it was last given of it, if anything. */
export const connectionProject = z.object({
	id: z.string(),
	name: z.string(),
	state: z.enum(['delivered', 'pending', 'failed', 'none']),
	version: z.number().int().nullable(),
	at: z.iso.datetime().nullable(),
	detail: z.string().nullable(),
});
export type ConnectionProject = z.infer<typeof connectionProject>;
