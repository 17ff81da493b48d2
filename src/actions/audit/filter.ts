import type { AuditFilter } from '#server/audit/audit.ts';
import { AppError } from '#server/errors.ts';
import type { User } from '#server/users/users.ts';
import { AUDIT_KINDS, type AuditFilterInput } from '#shared/audit.ts';

/** What a person may see of what they ask for. Throws `forbidden` when that is not all of it. */
export function toFilter(input: AuditFilterInput, user: User): Omit<AuditFilter, 'limit' | 'before'> {
	const { connectionId, projectId, action, kind, actor, from, to } = input;
	const ofKind: readonly string[] | undefined = kind && AUDIT_KINDS[kind];
	const actions = action === undefined ? ofKind : [action].filter((one) => ofKind?.includes(one) ?? true);
	return {
		userId: ownerOf(input, user),
		connectionId,
		projectId,
		actions,
		actor,
		from: from === undefined ? undefined : Date.parse(from),
		to: to === undefined ? undefined : Date.parse(to),
	};
}

/** Whose entries are meant; undefined for everybody's. */
export function ownerOf({ all }: { all?: boolean | undefined }, user: User): string | undefined {
	if (all !== true) return user.id;
	if (user.role !== 'admin') throw new AppError('forbidden', "Only an admin can see everybody's activity.");
	return undefined;
}
