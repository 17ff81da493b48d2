import type { ServerResponse } from 'node:http';
import type { ConnectionRow } from '#server/auth/connections.ts';
import {
	type FakeProvider,
	replyJson,
	type SeenRequest,
	startFakeProvider,
} from '#server/auth/testing/fakeProvider.ts';
import { type Answer, ask, type Call, type GatewayFixture, openGateway, REAL_KEY } from './fixture.ts';

type ProviderAnswer = (seen: SeenRequest, response: ServerResponse) => void;

/** A gateway with one connection to a provider of the test's own, and one project with a token for it. */
export type Stage = {
	fixture: GatewayFixture;
	upstream: FakeProvider;
	connection: ConnectionRow;
	projectId: string;
	token: string;
	/** How the provider answers from now on; it begins with an empty success, and after each `reset`. */
	answer(given: ProviderAnswer): void;
	/** A call of chat/completions with the project's token, but for what is given. */
	call(more?: Partial<Call>): Promise<Answer>;
	reset(): void;
	close(): Promise<void>;
};

/** A header of the connection's own. */
export const OWN_HEADER = 'blue-team-secret';

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const ok: ProviderAnswer = (_, response) => replyJson(response, 200, { choices: [] });
export const keyInBase64 = () => Buffer.from(REAL_KEY).toString('base64');

export async function openStage(): Promise<Stage> {
	let answer = ok;
	const upstream = await startFakeProvider((seen, response) => answer(seen, response));
	const fixture = await openGateway();
	const { baseURL } = upstream;
	const headers = { 'x-team': OWN_HEADER };
	const custom = { name: 'Own', baseURL, models: [{ id: 'fake-1' }], headers };
	const connection = await fixture.connect(baseURL, { custom });
	const projectId = await fixture.addProject();
	const token = await fixture.token(projectId, connection);
	return {
		fixture,
		upstream,
		connection,
		projectId,
		token,
		answer(given) {
			answer = given;
		},
		call: (more) =>
			ask(fixture.gateway, {
				target: `/${connection.id}/chat/completions`,
				headers: { ...bearer(token), 'content-type': 'application/json' },
				body: JSON.stringify({ model: 'fake-1', messages: [] }),
				...more,
			}),
		reset() {
			answer = ok;
			upstream.seen.length = 0;
		},
		async close() {
			await fixture.close();
			await upstream.close();
		},
	};
}
