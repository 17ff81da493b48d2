import { isKeyVariable } from '#server/config.ts';
import { AppError } from '#server/errors.ts';
import type { CatalogData } from '#server/opencode/catalog.ts';
import type { CopyEnvironmentKeyInput, EnvironmentKey } from '#shared/moveIn.ts';
import type { Person } from '../connectionChanges.ts';
import { type ConnectionRow, listConnections } from '../connections.ts';
import { fingerprint, lastFour } from '../credentials.ts';
import { lockedMessage } from '../keys/keyring.ts';
import { connectProvider, type ProvidersDeps } from '../providers.ts';
import { freeLabels } from './labels.ts';
import { auditImport } from './moveIn.ts';
import {
	fieldsFor,
	keyProblem,
	type MoveInProvider,
	moveInProviders,
	providersOf,
	type Surroundings,
} from './variables.ts';

/** The provider keys of the server's environment. Projects never use them: they wait to be copied, or to be removed. */
export async function listEnvironmentKeys(
	{ db, keyring }: Pick<ProvidersDeps, 'db' | 'keyring'>,
	person: Person,
	catalog: CatalogData,
	environment: Surroundings,
): Promise<EnvironmentKey[]> {
	const providers = moveInProviders(catalog);
	const rows = await listConnections(db, person.id);
	const isLocked = lockedMessage(keyring) !== undefined;
	return [...environment].sort().flatMap(([name, key]) => {
		const readers = usableReaders(providers, name);
		const [likeliest] = readers;
		if (likeliest === undefined) return [];
		const hash = isLocked ? null : fingerprint(keyring, key);
		const copy = rows.find(
			(row) => row.api_key_hash === hash && hash !== null && readers.some(({ id }) => id === row.provider_id),
		);
		return [
			{
				name,
				lastFour: lastFour(key),
				providers: readers.map((reader) => ({ id: reader.id, name: reader.name })),
				copiedAs: copy?.label ?? null,
				problem: keyProblem(key) ?? fieldsFor(likeliest, name, environment).problem,
			},
		];
	});
}

/** Connects a provider with a key of the server's environment. Throws as `connectProvider`, and `not_found`. */
export async function copyEnvironmentKey(
	deps: ProvidersDeps,
	person: Person,
	source: { catalog: CatalogData; environment: Surroundings },
	input: CopyEnvironmentKeyInput,
): Promise<ConnectionRow> {
	const { catalog, environment } = source;
	const key = environment.get(input.name);
	const readers = usableReaders(moveInProviders(catalog), input.name);
	const provider = input.providerId === undefined ? readers[0] : readers.find(({ id }) => id === input.providerId);
	if (key === undefined || provider === undefined)
		throw new AppError('not_found', 'The server was not started with such a variable of this provider.');
	const { fields, problem } = fieldsFor(provider, input.name, environment);
	if (problem !== null) throw new AppError('invalid', problem);
	const rows = await listConnections(deps.db, person.id);
	const connection = await connectProvider(deps, person, {
		providerId: provider.id,
		authType: 'api',
		apiKey: key.reveal(),
		label: freeLabels(rows, 'From environment')(provider.id),
		metadata: fields,
		skipTest: input.skipTest === true,
	});
	await auditImport(deps.db, person, connection, `${input.name} of the environment`);
	return connection;
}

/** Many variables look like a key; those that a provider reads, and that can be connected with one, count. */
function usableReaders(providers: MoveInProvider[], name: string): MoveInProvider[] {
	return isKeyVariable(name) ? providersOf(providers, name).filter(({ refusal }) => refusal === null) : [];
}
