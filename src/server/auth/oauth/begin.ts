import { AppError } from '#server/errors.ts';
import type { InitiateOAuthInput } from '#shared/oauth.ts';
import type { Authorization, AuthorizeRefusal, SignInServer } from '../../opencode/errand/signInServer.ts';
import type { Person } from '../connectionChanges.ts';
import { getConnection } from '../connections.ts';
import { checkHosts, readInputs } from './inputs.ts';
import type { LiveAttempt, Plan, SignInDeps } from './liveAttempt.ts';
import { findRecipe, type SignInRecipe } from './recipes.ts';
import { isPage, refusalWords } from './words.ts';

/** How long a person has to approve where neither provider nor plugin says, in seconds. */
const PATIENCE = 600;

/** Throws `AppError` for a method that there is not, or not here, and for answers that cannot be right. */
export async function planSignIn(deps: SignInDeps, person: Person, input: InitiateOAuthInput): Promise<Plan> {
	const { providerId, method, connectionId, label } = input;
	const provider = await deps.catalog.find(providerId);
	const listed = provider?.authMethods[method];
	if (provider === undefined || listed?.type !== 'oauth')
		throw new AppError('invalid', 'There is no such way to sign in. Load the page again.');
	const recipe = findRecipe(providerId, deps.recipes);
	if ('refused' in recipe) throw new AppError('invalid', recipe.refused);
	await requireOwnSignIn(deps, person, input);
	const inputs = readInputs(listed.prompts, input.inputs ?? {});
	await checkHosts(listed.prompts, inputs, deps.resolve);
	const detail = {
		method,
		title: listed.label,
		inputs,
		...(connectionId !== undefined && { connectionId }),
		...(label !== undefined && { label }),
		actor: person.actor,
	};
	return { providerId, providerName: provider.name, recipe, detail };
}

async function requireOwnSignIn({ db }: SignInDeps, person: Person, input: InitiateOAuthInput): Promise<void> {
	if (input.connectionId === undefined) return;
	const row = await getConnection(db, person.id, input.connectionId);
	if (row.auth_type !== 'oauth' || row.provider_id !== input.providerId)
		throw new AppError('invalid', 'That connection is not a sign-in to this provider.');
}

/** Asks the provider to begin. Throws `AppError` with why it did not. */
export async function authorize(server: SignInServer, { providerName, detail }: Plan): Promise<Authorization> {
	const answer = await server.authorize(detail.method, detail.inputs);
	if (isRefusal(answer)) throw refusalWords(answer, providerName);
	if (!isPage(answer.url)) throw refusalWords({ why: 'other' }, providerName);
	return answer;
}

function isRefusal(answer: Authorization | AuthorizeRefusal): answer is AuthorizeRefusal {
	return 'why' in answer;
}

/** How long the person has, in ms. */
export function patienceOf({ patience }: SignInRecipe, live: Pick<LiveAttempt, 'redirect'>): number {
	return 1000 * ((live.redirect === undefined ? patience.device : patience.redirect) ?? PATIENCE);
}
