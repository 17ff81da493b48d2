import type { Db } from '../db/client.ts';
import { findApiTokenUser } from '../users/apiTokens.ts';
import type { SignIn, UserSession } from '../users/signIn.ts';
import type { User } from '../users/users.ts';

/** Who sends a request: a person in a browser, or a script with an API token. */
export type Caller =
	| { user: User; via: 'session'; session: UserSession }
	| { user: User; via: 'token'; tokenId: string };

/** The caller of a request by its API token or its cookie; undefined when it proves nobody. */
export async function findCaller(deps: { db: Db; signIn: SignIn }, headers: Headers): Promise<Caller | undefined> {
	const token = bearerToken(headers);
	if (token !== undefined) {
		const found = await findApiTokenUser(deps.db, token);
		return found === undefined ? undefined : { ...found, via: 'token' };
	}
	if (!headers.has('cookie')) return undefined;
	const session = await deps.signIn.findSession(headers);
	return session === undefined ? undefined : { user: session.user, via: 'session', session };
}

export function bearerToken(headers: Headers): string | undefined {
	return /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}
