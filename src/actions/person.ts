import type { Person } from '#server/auth/connectionChanges.ts';
import { AppError } from '#server/errors.ts';
import type { User } from '#server/users/users.ts';
import type { VerbContext } from './define.ts';

/** The caller as the audit trail names them: a person, or a script with a token. */
export function personOf({ user, caller }: Pick<VerbContext<User>, 'user' | 'caller'>): Person {
	return {
		id: user.id,
		role: user.role,
		actor: caller?.via === 'token' ? `token:${caller.tokenId}` : `user:${user.id}`,
	};
}

/** A browser must have shown its password lately before a credential changes. Scripts hold a token instead. */
export function requireFresh({ app, caller }: VerbContext<User>): void {
	if (caller?.via === 'session' && !app.signIn.isFresh(caller.session)) {
		throw new AppError('forbidden', 'Confirm your password first: your sign-in is older than 15 minutes.');
	}
}
