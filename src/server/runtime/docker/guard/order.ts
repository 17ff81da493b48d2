import { posix } from 'node:path';
import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { User } from '../../owner.ts';
import { containerName, INSTANCE_LABEL, readLabels } from '../order/names.ts';

/** What containers there may be. */
export type Rules = {
	instance: string;
	/** The one image that they are made from. */
	image: string;
	/** The one user that they run as; never root. */
	user: User;
	/** The folder of this machine, as Docker names it, that what they are shown lies in. */
	source: string;
};

/** An order that is as it must be, written anew from what was understood. */
export type Order = z.infer<ReturnType<typeof orderShape>>;

const GB = 1024 ** 3;
const FORBIDDEN_TARGETS = /^\/(proc|sys|dev)(\/|$)|^\/$/;

const limits = {
	Memory: z
		.int()
		.min(16 * 1024 ** 2)
		.max(256 * GB),
	MemorySwap: z.int(),
	CpuPeriod: z.literal(100_000),
	CpuQuota: z.int().min(1_000).max(25_600_000),
};
const noSwap = (given: { Memory: number; MemorySwap: number }) => given.Memory === given.MemorySwap;
const NO_SWAP = 'MemorySwap must be what Memory is';

const update = z.strictObject(limits).refine(noSwap, NO_SWAP);

/** A clean absolute path: none of its parts leads anywhere else than its name says. */
const path = z
	.string()
	.max(4_096)
	.refine((text) => posix.isAbsolute(text) && posix.normalize(text) === text && !/\/$|[\0\n]/.test(text), {
		error: 'must be a plain absolute path',
	});

function orderShape({ image, user, source }: Rules) {
	const mount = z.strictObject({
		Type: z.literal('bind'),
		Source: path.refine((text) => text.startsWith(`${source}/`), { error: `must lie in ${source}` }),
		Target: path.refine((text) => !FORBIDDEN_TARGETS.test(text), { error: 'must not be a folder of the system' }),
		ReadOnly: z.boolean(),
	});
	const ulimit = <Name extends string>(name: Name, most: number) =>
		z.strictObject({ Name: z.literal(name), Soft: z.int().min(0).max(most), Hard: z.int().min(0).max(most) });
	const host = z.strictObject({
		...limits,
		NetworkMode: z.literal('none'),
		IpcMode: z.literal('private'),
		PidMode: z.literal(''),
		Privileged: z.literal(false),
		PublishAllPorts: z.literal(false),
		CapDrop: z.tuple([z.literal('ALL')]),
		SecurityOpt: z.tuple([z.literal('no-new-privileges')]),
		ReadonlyRootfs: z.literal(true),
		AutoRemove: z.literal(false),
		PidsLimit: z.int().min(1).max(4_096),
		CpuShares: z.int().min(2).max(1_024),
		OomScoreAdj: z.int().min(0).max(1_000),
		ShmSize: z.int().min(0).max(GB),
		Ulimits: z.tuple([ulimit('core', 0), ulimit('fsize', 64 * GB), ulimit('nofile', 65_536)]),
		Tmpfs: z.strictObject({ '/tmp': z.string().regex(/^rw,nosuid,nodev,size=\d{1,10},mode=1777$/) }),
		Mounts: z.array(mount).max(64),
		LogConfig: z.strictObject({
			Type: z.literal('json-file'),
			Config: z.strictObject({ 'max-size': z.string().regex(/^\d{1,8}$/), 'max-file': z.enum(['1', '2', '3']) }),
		}),
		RestartPolicy: z.strictObject({ Name: z.literal('no') }),
	});
	return z.strictObject({
		Image: z.literal(image),
		Labels: z.record(z.string(), z.string().max(200)),
		Cmd: z.array(z.string()).min(1).max(1_000),
		Env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*=/)).max(500),
		User: z.literal(`${user.uid}:${user.gid}`),
		WorkingDir: path,
		Hostname: z.literal('project'),
		AttachStdin: z.literal(false),
		OpenStdin: z.literal(false),
		Tty: z.literal(false),
		NetworkDisabled: z.literal(true),
		HostConfig: host.refine(noSwap, NO_SWAP),
	});
}

/**
 * Reads the order for a container that is to have this name. Throws `AppError('forbidden')` that names what is not as
 * doce makes it. What came is never passed on: Docker takes a key in any case, and the last of two that are alike.
 */
export function readOrder(rules: Rules, name: string, body: unknown): Order {
	const order = accepted(orderShape(rules), body);
	const labels = readLabels(order.Labels, rules.instance);
	if (labels === undefined || Object.keys(order.Labels).length !== 3) {
		throw new AppError('forbidden', `The container is not labelled as one of ${INSTANCE_LABEL}=${rules.instance}.`);
	}
	if (name !== containerName(labels))
		throw new AppError('forbidden', 'The container’s name is not that of its labels.');
	return order;
}

/** Reads new limits for a container. Throws `AppError('forbidden')` for anything else. */
export function readLimits(body: unknown): z.infer<typeof update> {
	return accepted(update, body);
}

function accepted<T>(shape: z.ZodType<T>, body: unknown): T {
	const result = shape.safeParse(body);
	if (result.success) return result.data;
	throw new AppError('forbidden', `This container is not one that doce may make: ${z.prettifyError(result.error)}`);
}
