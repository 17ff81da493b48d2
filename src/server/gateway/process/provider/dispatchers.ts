import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
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

type Proxy = { url: string; except: string };

/** With a proxy every public address is reached by way of it, but for the hosts that it is not for. */
export function createDispatchers(proxy?: Proxy): Dispatchers {
	const agents = new Map<string, Dispatcher>();
	return {
		for(destination) {
			const { base, allowPrivate, isOurs } = destination;
			const rules = isOurs ? 'ours' : `${allowPrivate} ${base.startsWith('http:')}`;
			let agent = agents.get(rules);
			if (agent === undefined) {
				agent = agentFor(destination, proxy);
				agents.set(rules, agent);
			}
			return agent;
		},
		close: async () => void (await Promise.all([...agents.values()].map((agent) => agent.destroy()))),
	};
}

const LIMITS = { headersTimeout: TO_HEADERS, bodyTimeout: BETWEEN_CHUNKS, pipelining: 1 };

function agentFor({ base, allowPrivate, isOurs }: Destination, proxy: Proxy | undefined): Dispatcher {
	if (isOurs) return new Agent(LIMITS);
	const plainHttp = base.startsWith('http:');
	const guarded = { ...LIMITS, connect: guardedConnector({ allowPrivate, plainHttp }) };
	// What may be private is near, and plain http is for that alone.
	if (proxy === undefined || allowPrivate || plainHttp) return new Agent(guarded);
	// The proxy looks names up itself: what they lead to is for it to judge. An address that is written down is judged before.
	return new EnvHttpProxyAgent({
		...guarded,
		allowH2: false,
		httpProxy: '',
		httpsProxy: proxy.url,
		noProxy: proxy.except,
	});
}
