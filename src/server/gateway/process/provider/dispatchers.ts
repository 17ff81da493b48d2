import { Agent, type Dispatcher } from 'undici';
import { guardedConnector } from '#server/auth/probes/call.ts';

/** How long a provider may take to begin its answer, in ms. */
const TO_HEADERS = 30_000;
/** How long it may be silent between two chunks, in ms. */
const BETWEEN_CHUNKS = 300_000;

type Destination = { base: string; allowPrivate: boolean; isOurs: boolean };

/** Connections to providers, kept open and shared by all that go under the same rules. */
export type Dispatchers = {
	/** Only addresses that the rules allow are ever connected to; `isOurs` is this server itself. */
	for(destination: Destination): Dispatcher;
	close(): Promise<void>;
};

export function createDispatchers(): Dispatchers {
	const agents = new Map<string, Agent>();
	return {
		for({ base, allowPrivate, isOurs }) {
			const plainHttp = base.startsWith('http:');
			const rules = isOurs ? 'ours' : `${allowPrivate} ${plainHttp}`;
			let agent = agents.get(rules);
			if (agent === undefined) {
				const connect = isOurs ? {} : { connect: guardedConnector({ allowPrivate, plainHttp }) };
				agent = new Agent({ headersTimeout: TO_HEADERS, bodyTimeout: BETWEEN_CHUNKS, pipelining: 1, ...connect });
				agents.set(rules, agent);
			}
			return agent;
		},
		close: async () => void (await Promise.all([...agents.values()].map((agent) => agent.destroy()))),
	};
}
