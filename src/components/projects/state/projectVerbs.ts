import { actions } from 'astro:actions';
import { LIMIT_FIELDS, type ReachedLimit } from '#shared/limits.ts';
import type { FallbackMode } from '#shared/providers.ts';
import { callAction, type Result } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import type { ModelId } from '../ModelPicker.tsx';
import { isUnsent } from './chatState.ts';
import type { ProjectEvent, ProjectState } from './projectState.ts';

export type Dispatch = (event: ProjectEvent) => void;

/** What a person can do with a project. What fails says so in one place: beside the field, or as a toast. */
export type ProjectVerbs = {
	/** Resolves to null when the server has the message, else to why not. */
	send: (text: string) => Promise<string | null>;
	stopAgent: () => Promise<void>;
	start: () => Promise<void>;
	stop: () => Promise<void>;
	/** Resolves to null when the project goes, else to why not. */
	remove: () => Promise<string | null>;
	setModel: (model: ModelId) => Promise<void>;
	setFallback: (mode: FallbackMode | null) => Promise<void>;
	setSealedOnly: (sealedOnly: boolean) => Promise<void>;
	/** Lets another connection answer what waits; and ends that it does. */
	continueWith: (connectionId: string) => Promise<void>;
	returnToOwn: () => Promise<void>;
	retry: (jobId: string) => Promise<void>;
	cancel: (jobId: string) => Promise<void>;
	/** Raises a limit that was reached, and starts the project again where it was stopped. */
	raiseLimit: (reached: ReachedLimit) => Promise<void>;
	dismissLimit: () => Promise<void>;
	/** Downloads the site as a zip file. */
	exportSite: () => Promise<void>;
	/** An address of the preview whose token is fresh. */
	freshUrl: () => Promise<string>;
	openPreview: () => Promise<void>;
};

export function verbsOf(projectId: string, latest: () => ProjectState, dispatch: Dispatch): ProjectVerbs {
	const freshUrl = async (): Promise<string> => {
		const result = await callAction(actions.projects.get({ projectId }));
		return result.ok ? result.data.project.previewUrl : latest().project.previewUrl;
	};
	return {
		send: (text) => send(projectId, text, latest, dispatch),
		stopAgent: async () => report('The agent could not be stopped', await callAction(actions.chat.stop({ projectId }))),
		start: async () =>
			report('The project could not be started', await callAction(actions.projects.start({ projectId }))),
		stop: async () =>
			report('The project could not be stopped', await callAction(actions.projects.stop({ projectId }))),
		remove: async () => {
			const result = await callAction(actions.projects.delete({ projectId }));
			return result.ok ? null : result.message;
		},
		setModel: async (model) =>
			report('The model could not be changed', await callAction(actions.projects.setModel({ projectId, ...model }))),
		setSealedOnly: async (sealedOnly) =>
			report(
				'The setting was not changed',
				await callAction(actions.projects.setSealedOnly({ projectId, sealedOnly })),
			),
		setFallback: async (mode) =>
			report('The setting was not changed', await callAction(actions.projects.setFallback({ projectId, mode }))),
		continueWith: async (connectionId) =>
			report('It could not go on', await callAction(actions.chat.continueWith({ projectId, connectionId }))),
		returnToOwn: async () =>
			report('The project could not return', await callAction(actions.chat.returnToOwn({ projectId }))),
		retry: async (jobId) => report('The job could not be retried', await callAction(actions.queue.retry({ jobId }))),
		cancel: async (jobId) =>
			report('The job could not be cancelled', await callAction(actions.queue.cancel({ jobId }))),
		raiseLimit: (reached) => raiseLimit(projectId, reached, latest),
		dismissLimit: async () =>
			report('The notice stays', await callAction(actions.projects.dismissLimit({ projectId }))),
		exportSite: () => exportSite(projectId),
		freshUrl,
		openPreview: async () => {
			// Opened at once: a browser blocks a window that comes after a wait.
			const tab = window.open('about:blank', '_blank');
			const url = await freshUrl();
			if (tab === null) return void toast.bad('The browser blocked the new tab', 'Allow pop-ups for this page.');
			tab.opener = null;
			tab.location.replace(url);
		},
	};
}

/** Shown at once; the server's copy takes its place, whichever of reply and live event comes first. */
async function send(
	projectId: string,
	text: string,
	latest: () => ProjectState,
	dispatch: Dispatch,
): Promise<string | null> {
	const localId = crypto.randomUUID?.() ?? `local-${Date.now()}`;
	dispatch({ type: 'chat.sending', localId, text, at: new Date().toISOString() });
	const result = await callAction(actions.chat.send({ projectId, text }));
	if (result.ok) {
		if (isUnsent(latest().chat, localId)) dispatch({ type: 'chat.sent', localId, messageId: result.data.messageId });
		return null;
	}
	// The reply can get lost after the server took the message: then the live stream has brought the server's copy.
	const isLost = isUnsent(latest().chat, localId);
	dispatch({ type: 'chat.sendFailed', localId });
	return isLost ? result.message : null;
}

async function raiseLimit(projectId: string, { limit, raiseTo }: ReachedLimit, latest: () => ProjectState) {
	const change = { projectId, [LIMIT_FIELDS[limit]]: raiseTo };
	const raised = await callAction(actions.projects.setLimits(change));
	if (!raised.ok) return void toast.bad('The limit was not raised', raised.message);
	const { status } = latest().project;
	if (status !== 'stopped' && status !== 'error') return;
	report('The project could not be started', await callAction(actions.projects.start({ projectId })));
}

/** Fetched first, so that a refusal is told here and does not take the page's place. */
async function exportSite(projectId: string): Promise<void> {
	const result = await callAction(actions.projects.export({ projectId }));
	if (!result.ok) return void toast.bad('The site was not exported', result.message);
	const { content, fileName, mediaType } = result.data;
	const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
	const url = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
	const link = Object.assign(document.createElement('a'), { href: url, download: fileName });
	link.click();
	URL.revokeObjectURL(url);
}

function report(title: string, result: Result<unknown>): void {
	if (!result.ok) toast.bad(title, result.message);
}
