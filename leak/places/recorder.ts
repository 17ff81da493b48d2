import type { Page } from 'playwright-core';
import type { Doce } from '../../test/harness/doce.ts';
import type { Needle } from '../canary.ts';
import { type Finding, findingIn, unpack } from './files.ts';

/** Keeps every answer and live event that came out of doce. */
export type Recorder = {
	/** Asks doce by its API and keeps the answer. */
	// biome-ignore lint/suspicious/noExplicitAny: tests read what they know to be there.
	ask(verb: string, input?: object): Promise<any>;
	download(path: string): Promise<void>;
	/** From now on what a page loads is kept, too. */
	watch(page: Page): void;
	/** Follows the live events of a project. */
	follow(projectId: string): void;
	keep(where: string, content: Buffer | string): void;
	search(needles: readonly Needle[]): Finding[];
	stop(): void;
};

export function createRecorder(doce: Doce): Recorder {
	const kept: { where: string; content: Buffer }[] = [];
	/** Pieces of one text: a secret may lie across two of them. */
	const events: Buffer[] = [];
	const stopper = new AbortController();
	const base = `http://127.0.0.1:${new URL(doce.url).port}`;
	const token = doce.cli('token', 'create', '--name', 'recorder').trim();
	const headers = { authorization: `Bearer ${token}` };
	const keep = (where: string, content: Buffer | string) => void kept.push({ where, content: Buffer.from(content) });

	async function stream(projectId: string): Promise<void> {
		const answer = await fetch(`${base}/api/live?project=${projectId}`, { headers, signal: stopper.signal });
		for await (const chunk of answer.body ?? []) events.push(Buffer.from(chunk));
	}

	return {
		keep,
		async ask(verb, input = {}) {
			const answer = await doce.request(verb, input);
			const text = await answer.text();
			keep(`answer to ${verb}`, text);
			keep(`headers of the answer to ${verb}`, JSON.stringify([...answer.headers]));
			return JSON.parse(text);
		},
		async download(path) {
			const answer = await fetch(base + path, { headers });
			if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
			keep(`download of ${path}`, Buffer.from(await answer.arrayBuffer()));
		},
		watch(page) {
			page.on('response', (response) => {
				// An event stream has no end to wait for, and a page that is left takes its answers along.
				void response.body().then(
					(body) => keep(`load of ${response.url()}`, body),
					() => undefined,
				);
				keep(`headers of ${response.url()}`, JSON.stringify(response.headers()));
			});
			page.on('console', (message) => keep('console of the browser', message.text()));
		},
		follow(projectId) {
			stream(projectId).catch((error: unknown) => {
				// A doce that is killed ends its streams.
				if (!stopper.signal.aborted) keep('end of live events', String(error));
			});
		},
		search: (needles) =>
			[...kept, { where: 'live events', content: Buffer.concat(events) }].flatMap(({ where, content }) =>
				unpack(where, content).flatMap(({ name, bytes }) => findingIn(name, bytes, needles)),
			),
		stop: () => stopper.abort(),
	};
}
