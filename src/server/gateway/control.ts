import { z } from 'zod';

/** What the server tells the gateway's process, over the channel between them and nowhere else. */
export const command = z.discriminatedUnion('type', [
	z.object({
		type: z.literal('start'),
		dataDir: z.string(),
		/** The file that the server keeps the catalogue in. */
		catalog: z.string(),
		logLevel: z.string(),
		masterKeyFile: z.string(),
		/** Only when the server itself was given its text. */
		masterKey: z.string().optional(),
		/** 0 lets the system choose. */
		port: z.number().int(),
		/** Where the scripted demo answers: a part of this server, so no row has its address. */
		demoUrl: z.string(),
		/** The way to public addresses; its address may hold a password. */
		proxy: z.object({ url: z.string(), except: z.string() }).optional(),
		sockets: z.array(z.object({ projectId: z.string(), path: z.string() })),
	}),
	z.object({ type: z.literal('listen'), id: z.number(), projectId: z.string(), path: z.string() }),
	z.object({ type: z.literal('unlisten'), id: z.number(), projectId: z.string() }),
	/** Ends every stream of a project, of a connection, or of both. */
	z.object({
		type: z.literal('cut'),
		id: z.number(),
		projectId: z.string().optional(),
		connectionId: z.string().optional(),
	}),
	z.object({ type: z.literal('stop') }),
]);
export type Command = z.infer<typeof command>;
export type StartCommand = Extract<Command, { type: 'start' }>;

/** What it answers. */
export const report = z.discriminatedUnion('type', [
	z.object({ type: z.literal('ready'), port: z.number().int() }),
	/** The command of this id is carried out; `problem` says why not. */
	z.object({ type: z.literal('done'), id: z.number(), problem: z.string().optional() }),
	z.object({ type: z.literal('failed'), problem: z.string(), portTaken: z.boolean() }),
]);
export type Report = z.infer<typeof report>;
