import { type FakeProvider, likeOpenAI, replyJson, startFakeProvider } from './fakeProvider.ts';

export type FakeOrganisation = FakeProvider & {
	/** Its address, without the path of the document. */
	url: string;
	/** What `/.well-known/opencode` answers with. */
	document: unknown;
	/** What other paths answer with, such as the second part of a document. */
	others: Record<string, unknown>;
	tokens: string[];
	/** How often the document was read. */
	reads(): number;
};

/** An organisation on the loopback: its document, and an endpoint that takes its tokens, for tests. */
export async function startOrganisation(tokens: string[]): Promise<FakeOrganisation> {
	const provider = await startFakeProvider((request, response) => {
		if (request.path === '/.well-known/opencode') return replyJson(response, 200, organisation.document);
		const other = organisation.others[request.path];
		return other === undefined ? likeOpenAI(organisation.tokens)(request, response) : replyJson(response, 200, other);
	});
	const organisation: FakeOrganisation = {
		...provider,
		url: `http://127.0.0.1:${provider.port}`,
		document: {},
		others: {},
		tokens,
		reads: () => provider.seen.filter(({ path }) => path === '/.well-known/opencode').length,
	};
	return organisation;
}

/** A document that configures one endpoint as OpenCode's own guide shows it. */
export function documentFor(baseURL: string, more: { provider?: object; config?: object } = {}) {
	return {
		auth: { command: ['corp-login', '--print'], env: 'CORP_TOKEN' },
		config: {
			$schema: 'https://opencode.ai/config.json',
			provider: {
				corp: {
					npm: '@ai-sdk/openai-compatible',
					name: 'Corp models',
					options: { baseURL, apiKey: '{env:CORP_TOKEN}' },
					models: { 'fake-1': { name: 'Fake One', limit: { context: 64_000, output: 4_096 } } },
					...more.provider,
				},
			},
			...more.config,
		},
	};
}
