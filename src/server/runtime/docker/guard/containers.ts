import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import { INSTANCE_LABEL } from '../order/names.ts';
import { type Folder, requirePlainPath } from './places.ts';
import type { Upstream } from './upstream.ts';

const inspected = z.object({
	Id: z.string().regex(/^[0-9a-f]{64}$/),
	Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
	HostConfig: z.object({ Mounts: z.array(z.object({ Source: z.string().optional() })).nullish() }),
	Mounts: z.array(z.object({ Source: z.string().optional(), Destination: z.string().optional() })).nullish(),
});

/** A container that there is. */
export type Found = z.infer<typeof inspected>;

/** Undefined when there is none of this id or name. */
export function findContainer(upstream: Upstream, id: string): Promise<Found | undefined> {
	return upstream.read(`/containers/${id}/json`, inspected);
}

/** Whether it is a project's, made by this doce. */
export function isOurs({ Config }: Found, instance: string): boolean {
	return Config.Labels?.[INSTANCE_LABEL] === instance;
}

/** What a container that keeps its data where projects' files lie, as doce itself does, may learn of itself. */
export function describeItself({ Id, Mounts }: Found, { source }: Folder): object | undefined {
	const mounts = (Mounts ?? []).map(({ Source, Destination }) => ({ Source, Destination }));
	return mounts.some(({ Source }) => Source === source) ? { Id, Mounts: mounts } : undefined;
}

/** What it is shown lies in the folder, and goes through no link. Throws `AppError('forbidden')`. */
export async function requirePlainMounts(folder: Folder, { HostConfig }: Found): Promise<void> {
	for (const { Source } of HostConfig.Mounts ?? []) {
		if (Source === undefined) throw new AppError('forbidden', 'The container has a volume of its own.');
		await requirePlainPath(folder, Source);
	}
}
