import type { MessageView } from '#shared/chat.ts';
import type { LiveEvent } from '#shared/live.ts';
import type { ProjectView } from '#shared/projects.ts';
import type { JobView } from '#shared/queue.ts';
import { type ChatEvent, type ChatState, initialChat, reduceChat } from './chatState.ts';

/** All that the project page shows and that can change under it. */
export interface ProjectState {
	project: ProjectView;
	chat: ChatState;
	/** The project's jobs, newest first. */
	jobs: JobView[];
	/** Goes up whenever the workspace's files have changed. */
	filesVersion: number;
	deleted: boolean;
}

export type ProjectEvent =
	| LiveEvent
	| ChatEvent
	| { type: 'project.loaded'; project: ProjectView }
	| { type: 'jobs.loaded'; jobs: JobView[] };

export function initialProject(project: ProjectView, messages: MessageView[], jobs: JobView[]): ProjectState {
	return { project, chat: initialChat(messages), jobs: newestFirst(jobs), filesVersion: 0, deleted: false };
}

/** The page after one event; events of other projects change nothing. */
export function reduceProject(state: ProjectState, event: ProjectEvent): ProjectState {
	if (projectOf(event) !== undefined && projectOf(event) !== state.project.id) return state;
	switch (event.type) {
		case 'project.loaded':
			return { ...state, project: event.project, filesVersion: state.filesVersion + 1 };
		case 'jobs.loaded':
			return { ...state, jobs: newestFirst(event.jobs) };
		case 'project.changed':
			return {
				...state,
				project: {
					...state.project,
					...event.project,
					notices: event.notices,
					busy: event.busy,
					standIn: event.standIn,
					costThisMonth: event.costThisMonth,
				},
				chat: event.busy ? state.chat : { ...state.chat, status: null },
			};
		case 'project.deleted':
			return { ...state, deleted: true };
		case 'project.filesChanged':
			return { ...state, filesVersion: state.filesVersion + 1 };
		case 'project.step': {
			const steps = state.project.steps.map((step) => (step.type === event.step.type ? event.step : step));
			return { ...state, project: { ...state.project, steps } };
		}
		case 'job.changed': {
			const others = state.jobs.filter((job) => job.id !== event.job.id);
			return { ...state, jobs: newestFirst([event.job, ...others]) };
		}
		case 'message.changed':
		case 'message.part':
		case 'message.delta':
		case 'chat.status':
		case 'chat.loaded':
		case 'chat.sending':
		case 'chat.sent':
		case 'chat.sendFailed':
			return { ...state, chat: reduceChat(state.chat, event) };
		default:
			return state;
	}
}

/** The project an event is about; undefined when it names none and is therefore ours, or nobody's. */
function projectOf(event: ProjectEvent): string | null | undefined {
	if (event.type === 'project.changed' || event.type === 'project.loaded') return event.project.id;
	if (event.type === 'job.changed') return event.job.projectId;
	return 'projectId' in event ? event.projectId : undefined;
}

function newestFirst(jobs: JobView[]): JobView[] {
	return jobs.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}
