import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Delivery } from '#shared/providers.ts';
import { documentFor, startOrganisation } from '../src/server/auth/testing/fakeOrganisation.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { startFakeOAuth, writePlugin } from '../test/fakes/oauth/fakeOAuth.ts';
import type { DoceOptions } from '../test/harness/doce.ts';
import { CODE } from '../test/harness/signIns.ts';
import { makeCanary } from './canary.ts';
import type { Recorder } from './places/recorder.ts';

/** A kind of credential: what it is, how it comes into doce, and who takes it. */
export type Kind = {
	llm: FakeLlm;
	options: DoceOptions;
	/** Everything that must not be found, as far as it exists by now. */
	secrets(): string[];
	/** What the provider takes while it takes anything. */
	keys(): string[];
	/** From now on the provider refuses everything, or takes it again. */
	refuse(refuses: boolean): void;
	/** Gives the credential to doce, first a wrong one where that can be; returns the connection's id. */
	connect(recorder: Recorder, dataDir: string): Promise<string>;
	close(): Promise<void>;
};

export type KindName = 'API key' | 'sign-in' | 'organisation';

export const OPEN_KIND: Record<KindName, (delivery: Delivery) => Promise<Kind>> = {
	'API key': openApiKey,
	'sign-in': openSignIn,
	organisation: openOrganisation,
};

async function openApiKey(delivery: Delivery): Promise<Kind> {
	const [key, header] = [makeCanary('sk-canary'), makeCanary('team')];
	const llm = await startFakeLlm({ keys: [key], echoesKey: true });
	const custom = {
		name: 'Mine',
		baseURL: `${llm.url}/v1`,
		models: [{ id: 'fake-1' }],
		local: true,
		headers: { 'x-team': header },
	};
	const input = { providerId: 'mine', authType: 'api', custom, delivery };
	return {
		llm,
		options: {},
		// OpenCode keeps extra headers in its configuration: with a key that is copied they are no secret of doce's alone.
		secrets: () => (delivery === 'sealed' ? [key, header] : [key]),
		keys: () => [key],
		refuse: (refuses) => llm.setKeys(refuses ? [] : [key]),
		async connect(recorder) {
			await recorder.ask('settings/connectProvider', { ...input, apiKey: key.replace('sk-', 'no-') });
			return (await recorder.ask('settings/connectProvider', { ...input, apiKey: key })).connection.id;
		},
		close: () => llm.close(),
	};
}

/** A provider whose account can be sealed, at an address of ours, or one whose cannot. */
async function openSignIn(delivery: Delivery): Promise<Kind> {
	const providerId = delivery === 'sealed' ? 'poe' : 'fakeoauth';
	const llm = await startFakeLlm({ keys: [], echoesKey: true });
	const good = new Set<string>();
	let refuses = false;
	const show = () => llm.setKeys(refuses ? [] : [...good]);
	const oauth = await startFakeOAuth({
		onKeys: (keys) => {
			for (const key of keys) good.add(key);
			show();
		},
	});
	const described = {
		providerId,
		name: 'Loopback Cloud',
		issuer: oauth.url,
		api: `${llm.url}/v1`,
		models: ['fake-1'],
	};
	const folder = mkdtempSync(join(tmpdir(), 'doce-plugin-'));
	// Containers are another user than who runs the tests.
	chmodSync(folder, 0o755);
	const plugin = writePlugin(folder, described);
	return {
		llm,
		options: { signIn: { providerId, url: oauth.url, plugin } },
		secrets: () => oauth.issued,
		keys: () => [...good],
		refuse(given) {
			refuses = given;
			show();
		},
		async connect(recorder, dataDir) {
			const inputs = { plan: 'personal' };
			const { attemptId, url } = await recorder.ask('settings/initiateOAuth', { providerId, method: CODE, inputs });
			await recorder.ask('settings/completeOAuth', { attemptId, code: 'wrong#code' });
			const { connection } = await recorder.ask('settings/completeOAuth', { attemptId, code: oauth.codeFor(url) });
			if (delivery === 'sealed') moveTo(`${llm.url}/v1`, dataDir);
			return connection.id;
		},
		async close() {
			await oauth.close();
			await llm.close();
		},
	};
}

/** The one connection's provider, which cannot be reached from here, answers at another address from now on. */
function moveTo(baseURL: string, dataDir: string): void {
	const database = new DatabaseSync(join(dataDir, 'doce.sqlite'), { timeout: 5_000 });
	const change = "update provider_connections set base_url = ?, metadata = json_set(metadata, '$.local', json('true'))";
	database.prepare(change).run(baseURL);
	database.close();
}

async function openOrganisation(): Promise<Kind> {
	const token = makeCanary('corp');
	const llm = await startFakeLlm({ keys: [token], echoesKey: true });
	const corp = await startOrganisation([token]);
	corp.document = documentFor(`${llm.url}/v1`);
	const input = { providerId: 'corp', authType: 'wellknown', url: corp.url, local: true };
	return {
		llm,
		options: {},
		secrets: () => [token],
		keys: () => [token],
		refuse: (refuses) => llm.setKeys(refuses ? [] : [token]),
		async connect(recorder) {
			await recorder.ask('settings/connectProvider', { ...input, token: `no-${token.slice(4)}` });
			return (await recorder.ask('settings/connectProvider', { ...input, token })).connection.id;
		},
		async close() {
			await corp.close();
			await llm.close();
		},
	};
}
