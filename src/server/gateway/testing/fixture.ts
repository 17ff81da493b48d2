import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { dirname } from 'node:path';
import type { ConnectionRow } from '#server/auth/connections.ts';
import type { Keyring } from '#server/auth/keys/keyring.ts';
import { connectProvider } from '#server/auth/providers.ts';
import { ADA, type Fixture, openFixture } from '#server/auth/testing/fixture.ts';
import { newId } from '#server/db/id.ts';
import { createLogger } from '#server/logger.ts';
import { type CatalogProvider, catalogFile } from '#server/opencode/catalog.ts';
import { plainModel } from '#server/opencode/catalogModels.ts';
import type { ConnectProviderInput, WireFormat } from '#shared/providers.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../gateway.ts';
import { issueToken } from '../tokens.ts';

export const REAL_KEY = 'sk-real-key-9f8e7d6c5b4a';

/** A real gateway process over a real database, for tests. */
export type GatewayFixture = Fixture & {
	gateway: Gateway;
	keyring: Keyring;
	/** Stores a sealed connection to an endpoint of the test's own. */
	connect(baseURL: string, more?: Partial<ConnectProviderInput> & { format?: WireFormat }): Promise<ConnectionRow>;
	addProject(): Promise<string>;
	token(projectId: string, connection: { id: string }): Promise<string>;
};

export async function openGateway(
	providers: CatalogProvider[] = [],
	options: Partial<GatewayOptions> = {},
): Promise<GatewayFixture> {
	const fixture = await openFixture();
	const { db, dir, keyFile } = fixture;
	plant(dir, providers);
	const keyring = await fixture.openKeys();
	const gateway = await startGateway({
		dataDir: dir,
		catalog: catalogFile(dir),
		masterKeyFile: keyFile,
		logLevel: 'warn',
		demoUrl: 'http://127.0.0.1:9/demo',
		logger: createLogger('silent'),
		...options,
	});
	return {
		...fixture,
		gateway,
		keyring,
		async connect(baseURL, { format, ...more } = {}) {
			const providerId = more.providerId ?? `own-${newId()}`;
			const models = [{ id: 'fake-1', name: 'Fake' }];
			const custom = { name: 'Own', baseURL, models, local: true, ...(format && { format }), ...more.custom };
			const input = { providerId, authType: 'api' as const, apiKey: REAL_KEY, skipTest: true, ...more, custom };
			const directory = { find: async (id: string) => providers.find((provider) => provider.id === id) };
			return connectProvider({ db, keyring, directory }, ADA, input);
		},
		async addProject() {
			const id = newId();
			const now = Date.now();
			await db
				.insertInto('projects')
				.values({
					id,
					user_id: ADA.id,
					name: id,
					slug: id,
					prompt: '',
					status: 'running',
					runtime: 'process',
					last_active_at: now,
					created_at: now,
					updated_at: now,
				})
				.execute();
			return id;
		},
		token: async (projectId, { id: connectionId }) =>
			(await issueToken(db, { projectId, connectionId, userId: ADA.id })).reveal(),
		async close() {
			await gateway.stop();
			await fixture.close();
		},
	};
}

/** A provider of the catalogue with one model, as far as tests look at it. */
export function listed(id: string, npm: string, more: Partial<CatalogProvider> = {}): CatalogProvider {
	return { id, name: id, npm, api: null, env: [], authMethods: [], models: [plainModel('fake-1')], ...more };
}

function plant(dataDir: string, providers: CatalogProvider[]): void {
	const file = catalogFile(dataDir);
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, JSON.stringify({ fetchedAt: Date.now(), providers }));
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string; error?: Error };

export type Call = {
	method?: string;
	/** As it is written on the wire, unlike what a URL would make of it. */
	target: string;
	headers?: Record<string, string>;
	body?: string | Buffer;
	socketPath?: string;
	onChunk?: (text: string) => void;
};

/** One call to the gateway, byte by byte as asked; a connection that ends early is an `error`, not a throw. */
export function ask(gateway: Gateway, { method = 'POST', target, headers = {}, body, ...more }: Call): Promise<Answer> {
	return new Promise((resolve) => {
		const where =
			more.socketPath === undefined ? { host: '127.0.0.1', port: gateway.port() } : { socketPath: more.socketPath };
		const answer: Answer = { status: 0, headers: {}, body: '' };
		const end = (error?: Error) => resolve(error === undefined ? answer : { ...answer, error });
		const call = request({ ...where, method, path: target, headers, agent: false }, (incoming) => {
			answer.status = incoming.statusCode ?? 0;
			answer.headers = incoming.headers;
			incoming.setEncoding('utf8').on('data', (chunk: string) => {
				answer.body += chunk;
				more.onChunk?.(chunk);
			});
			incoming.on('end', () => end());
			incoming.on('error', end);
		});
		call.on('error', end);
		call.end(body);
	});
}

export function fingerprintOf(token: string): string {
	return createHash('sha256').update(token).digest('base64url');
}
