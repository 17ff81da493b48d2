import { z } from 'zod';
import { listAvailableProviders, requireAvailable } from '#server/auth/available.ts';
import { setPreferredProvider } from '#server/auth/connectionChanges.ts';
import { findConnection, getConnection, listConnections } from '#server/auth/connections.ts';
import { loadModels } from '#server/auth/probe.ts';
import { connectProvider, disconnectProvider, testConnection, updateConnection } from '#server/auth/providers.ts';
import { AppError } from '#server/errors.ts';
import { endAccess } from '#server/gateway/gateway.ts';
import { listConnectionProjects, viewConnectionsOf } from '#server/projects/usage.ts';
import { Secret } from '#server/secret.ts';
import { isolation } from '#shared/projects.ts';
import {
	availableProvider,
	connectionView,
	connectProviderInput,
	customEndpoint,
	probeResult,
	providerId,
	updateProviderConnectionInput,
	wireFormat,
} from '#shared/providers.ts';
import { nothing, userAction } from './define.ts';
import { personOf, requireFresh } from './person.ts';
import { accountVerbs } from './settings/accounts.ts';
import { announceMigrated, legacyVerbs } from './settings/legacy.ts';
import { localServerVerbs } from './settings/localServers.ts';
import { moveInVerbs } from './settings/moveIn.ts';
import { oauthVerbs } from './settings/oauth.ts';
import { packageVerbs } from './settings/packages.ts';
import { runtimeVerbs } from './settings/runtime.ts';
import { publishConnection, publishConnections } from './settings/views.ts';
import { wellKnownVerbs } from './settings/wellKnown.ts';

const connectionId = z.object({ connectionId: z.string().min(1).max(64) });
const oneConnection = z.object({ connection: connectionView });

export const settings = {
	...oauthVerbs,
	...accountVerbs,
	...moveInVerbs,
	...legacyVerbs,
	...localServerVerbs,
	...wellKnownVerbs,
	...packageVerbs,
	...runtimeVerbs,

	listAvailableProviders: userAction({
		input: nothing,
		output: z.object({ providers: z.array(availableProvider) }),
		run: async (_, { app }) => ({ providers: listAvailableProviders(await app.catalog.get(), app.oauth.recipes) }),
	}),

	getProviderConnections: userAction({
		input: nothing,
		output: z.object({ connections: z.array(connectionView), isolation }),
		async run(_, { app, user }) {
			const connections = await viewConnectionsOf(app.connections, await listConnections(app.db, user.id));
			return { connections, isolation: app.runtime.isolation };
		},
	}),

	connectProvider: userAction({
		input: connectProviderInput,
		output: oneConnection,
		async run(input, context) {
			requireFresh(context);
			const isListed = input.custom === undefined && input.authType !== 'wellknown';
			const known = isListed ? await context.app.catalog.find(input.providerId) : undefined;
			if (known !== undefined) requireAvailable(known, context.app.oauth.recipes);
			const row = await connectProvider(context.app.connections, personOf(context), input);
			return { connection: await publishConnection(context.app, row) };
		},
	}),

	updateProviderConnection: userAction({
		input: updateProviderConnectionInput,
		output: oneConnection,
		async run(input, context) {
			if (input.apiKey !== undefined || input.delivery !== undefined) requireFresh(context);
			const row = await updateConnection(context.app.connections, personOf(context), input);
			if (row.id !== input.connectionId) await announceMigrated(context.app, row.user_id, row);
			return { connection: await publishConnection(context.app, row) };
		},
	}),

	testProviderConnection: userAction({
		input: connectionId,
		output: probeResult,
		async run(input, context) {
			const { app, user } = context;
			const result = await testConnection(app.connections, personOf(context), input.connectionId);
			const row = await findConnection(app.db, input.connectionId);
			if (row?.user_id === user.id) await publishConnection(app, row);
			return result;
		},
	}),

	disconnectProvider: userAction({
		input: connectionId,
		output: z.object({ removedFrom: z.array(z.string()) }),
		async run(input, context) {
			const { app, user } = context;
			const before = await getConnection(app.db, user.id, input.connectionId);
			const projects = await listConnectionProjects(app.db, before);
			const row = await disconnectProvider(app.connections, personOf(context), input.connectionId);
			await endAccess(app.projects, { connectionId: row.id });
			app.live.publish({ userId: user.id }, { type: 'connection.removed', connectionId: row.id });
			await publishConnections(app, user.id);
			return { removedFrom: projects.map((project) => project.id) };
		},
	}),

	setPreferredProvider: userAction({
		input: z.object({ providerId }),
		output: nothing,
		async run(input, context) {
			const { app, user } = context;
			await setPreferredProvider(app.db, personOf(context), input.providerId);
			await publishConnections(app, user.id);
			return {};
		},
	}),

	loadModels: userAction({
		input: z.object({
			baseURL: customEndpoint.shape.baseURL,
			apiKey: z.string().max(20_000).optional(),
			headers: customEndpoint.shape.headers,
			format: wireFormat.optional(),
			local: z.boolean().optional(),
		}),
		output: z.object({ models: z.array(z.object({ id: z.string(), name: z.string() })) }),
		async run({ baseURL, apiKey = '', headers = {}, format = 'chat-completions', local = false }, { user }) {
			if (local && user.role !== 'admin') throw new AppError('forbidden', 'Only an admin can connect a local server.');
			const secretHeaders = Object.fromEntries(
				Object.entries(headers).map(([name, value]) => [name, new Secret(value)]),
			);
			const key = apiKey.trim() === '' ? undefined : new Secret(apiKey.trim());
			return { models: await loadModels({ baseURL, key, headers: secretHeaders, format, local }) };
		},
	}),
};
