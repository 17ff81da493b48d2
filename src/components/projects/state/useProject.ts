import { actions } from 'astro:actions';
import { useEffectEvent, useMemo, useReducer, useRef, useState } from 'react';
import type { MessageView } from '#shared/chat.ts';
import type { LiveEvent } from '#shared/live.ts';
import type { ProjectView } from '#shared/projects.ts';
import type { JobView } from '#shared/queue.ts';
import { callAction } from '../../ui/callAction.ts';
import { createReplay } from '../../ui/replay.ts';
import { useLive } from '../../ui/useLive.ts';
import { initialProject, type ProjectState, reduceProject } from './projectState.ts';
import { type Dispatch, type ProjectVerbs, verbsOf } from './projectVerbs.ts';

/** The project as it is now, kept current by live events, and what a person can do with it. */
export function useProject(
	project: ProjectView,
	messages: MessageView[],
	jobs: JobView[],
): [ProjectState, ProjectVerbs] {
	const projectId = project.id;
	const [state, dispatch] = useReducer(reduceProject, null, () => initialProject(project, messages, jobs));
	const latest = useRef(state);
	latest.current = state;
	const [replay] = useState(createReplay<LiveEvent>);
	const hear = useEffectEvent((event: LiveEvent) => {
		// The preview's address is not part of the event, and its token is good for a while only.
		const runsNow =
			event.type === 'project.changed' && event.project.id === projectId && event.project.status === 'running';
		const ranBefore = latest.current.project.status === 'running';
		if (event.type === 'hello') return void replay.around(reloadAll(projectId, dispatch), dispatch);
		if (isWholeState(event)) replay.note(event);
		dispatch(event);
		if (runsNow && !ranBefore) void replay.around(reloadProject(projectId, dispatch), dispatch);
	});
	useLive(hear, projectId);
	return [state, useMemo(() => verbsOf(projectId, () => latest.current, dispatch), [projectId])];
}

/** Events that may be told twice, since each says how something stands; the chat guards itself. */
function isWholeState({ type }: LiveEvent): boolean {
	return type === 'project.changed' || type === 'project.step' || type === 'job.changed' || type === 'project.deleted';
}

async function reloadProject(projectId: string, dispatch: Dispatch): Promise<void> {
	const result = await callAction(actions.projects.get({ projectId }));
	if (result.ok) dispatch({ type: 'project.loaded', project: result.data.project });
	else if (result.code === 'not_found') dispatch({ type: 'project.deleted', projectId });
}

/** After a gap in the stream anything may have happened. */
async function reloadAll(projectId: string, dispatch: Dispatch): Promise<void> {
	const [, messages, jobs] = await Promise.all([
		reloadProject(projectId, dispatch),
		callAction(actions.chat.messages({ projectId })),
		callAction(actions.queue.list({ projectId })),
	]);
	if (messages.ok) dispatch({ type: 'chat.loaded', messages: messages.data.messages });
	if (jobs.ok) dispatch({ type: 'jobs.loaded', jobs: jobs.data.jobs });
}
