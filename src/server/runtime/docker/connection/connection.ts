import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import { INSTANCE_LABEL } from '../order/names.ts';
import { type HostPath, ownContainerId, throughMounts } from './hostPaths.ts';
import { missingImageWords, unfitWords, unreachableWords } from './words.ts';

/** How long the engine may take for one answer, in ms: starting a container on a busy disk takes seconds. */
const ANSWER_MS = 60_000;
/** For who waits for the answer, in ms. */
const QUICK_MS = 5_000;
/** How soon it is asked again when it did not answer, in ms. */
const RETRY_MS = 1_000;

/** What the engine tells of a container of ours. */
export type DockerEvent = { id: string; action: string; attributes: Record<string, string> };

export type Connection = {
	api: Docker;
	/** Why nothing can be started now; undefined when all is well. */
	trouble(): string | undefined;
	/** Resolves once it is known whether the engine answers. */
	known: Promise<void>;
	/** For calls that may be silent for long. */
	patient: Docker;
	hostPath: HostPath;
	/** The answer to a call; rejects when the engine goes away meanwhile. */
	whileThere<T>(call: Promise<T>): Promise<T>;
	/** Something was not as it should be: the engine is looked at anew. */
	doubt(): void;
};

type Listener = {
	instance: string;
	image: string;
	logger: Logger;
	/** To look around, when the engine came, or came back; nothing is told before. */
	onUp(): Promise<void>;
	/** It is back, and looked at. */
	onRecovery(): void;
	onEvent(event: DockerEvent): void;
};

/** Keeps in touch with the Docker that `DOCKER_HOST` names, else this machine's, for as long as doce lives. */
export function openConnection({ instance, image, logger, onUp, onRecovery, onEvent }: Listener): Connection {
	const api = new Docker({ timeout: ANSWER_MS });
	// For what may be silent for long: its events, and the end of a command.
	const patient = new Docker();
	const first = Promise.withResolvers<void>();
	let trouble: string | undefined = 'Docker has not answered yet.';
	let hostPath: HostPath = (path) => path;
	let events: (NodeJS.ReadableStream & { destroy?(): void }) | undefined;
	let isFirst = true;
	const underWay = new Set<(why: Error) => void>();

	async function keepInTouch(): Promise<never> {
		for (;;) {
			try {
				await live();
			} catch (error) {
				say(wordsFor(error));
			}
			isFirst = false;
			first.resolve();
			await sleep(RETRY_MS, undefined, { ref: false });
		}
	}

	/** From the first answer to the end of its events. */
	async function live(): Promise<void> {
		hostPath = await checkEngine(api, image);
		const filters = JSON.stringify({ type: ['container'], label: [`${INSTANCE_LABEL}=${instance}`] });
		// Listened to before it is looked around, so that nothing is missed between the two.
		const stream = await patient.getEvents({ filters });
		events = stream;
		const ended = readEvents(stream, onEvent).catch(() => undefined);
		try {
			await Promise.race([onUp(), ended.then(gone)]);
			trouble = undefined;
			if (!isFirst) {
				logger.info('Docker answers again.');
				onRecovery();
			}
			isFirst = false;
			first.resolve();
			await ended;
		} finally {
			events.destroy?.();
			if (trouble === undefined) say(unreachableWords(undefined));
			// Nobody else tells the calls that were under way: they would wait for ever.
			for (const giveUp of underWay) giveUp(new Error('Docker went away.'));
		}
	}

	function whileThere<T>(call: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			underWay.add(reject);
			call.then(resolve, reject).finally(() => underWay.delete(reject));
		});
	}

	function say(words: string): void {
		if (trouble !== words) logger.warn(words);
		trouble = words;
	}

	void keepInTouch();
	return {
		api,
		trouble: () => trouble,
		known: first.promise,
		hostPath: (path) => hostPath(path),
		...{ whileThere, patient },
		// It is all looked at anew once its events have ended.
		doubt: () => events?.destroy?.(),
	};
}

/** Why the Docker that is there could not run projects from this image; undefined when it could. */
export async function findTrouble(image: string): Promise<string | undefined> {
	try {
		await checkEngine(new Docker({ timeout: QUICK_MS }), image);
		return undefined;
	} catch (error) {
		return wordsFor(error);
	}
}

function wordsFor(error: unknown): string {
	return error instanceof Unfit || error instanceof AppError ? error.message : unreachableWords(error);
}

/** It answers, and is not what we need; the message says what to do. */
class Unfit extends Error {}

async function checkEngine(api: Docker, image: string): Promise<HostPath> {
	const [version, info] = [await api.version(), await api.info()];
	const unfit = unfitWords(version, info);
	if (unfit !== undefined) throw new Unfit(unfit);
	await api
		.getImage(image)
		.inspect()
		.catch((error: unknown) => {
			throw hasStatus(error, 404) ? new Unfit(missingImageWords(image)) : error;
		});
	const own = ownContainerId();
	if (own === undefined) return (path) => path;
	return throughMounts((await api.getContainer(own).inspect()).Mounts);
}

function gone(): never {
	throw new Error('Docker went away.');
}

/** Calls back for every event until there are no more. */
async function readEvents(stream: NodeJS.ReadableStream, onEvent: (event: DockerEvent) => void): Promise<void> {
	let rest = '';
	// Nothing else keeps doce alive for the sake of it.
	(stream as { socket?: { unref(): void } }).socket?.unref();
	stream.setEncoding('utf8');
	for await (const part of stream) {
		const lines = (rest + String(part)).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines.filter((text) => text.trim() !== '')) {
			const { id, Action, Actor } = JSON.parse(line) as {
				id?: string;
				Action?: string;
				Actor?: { ID?: string; Attributes?: Record<string, string> };
			};
			onEvent({ id: Actor?.ID ?? id ?? '', action: Action ?? '', attributes: Actor?.Attributes ?? {} });
		}
	}
}

/** Whether the engine refused, with whatever status of HTTP. */
export function hasAnswered(error: unknown): boolean {
	return error instanceof Error && 'statusCode' in error;
}

/** Whether the engine refused with this status of HTTP. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
	return error instanceof Error && 'statusCode' in error && statuses.includes(Number(error.statusCode));
}
