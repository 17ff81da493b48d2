import { actions } from 'astro:actions';
import { useState } from 'react';
import type { LiveEvent } from '#shared/live.ts';
import type { ModelChoice } from '#shared/providers.ts';
import { callAction } from '../../ui/callAction.ts';
import { createReplay } from '../../ui/replay.ts';
import { useLive } from '../../ui/useLive.ts';
import { markTrouble } from './markTrouble.ts';

/** The models to choose from as the server rendered them, with what becomes known about their providers meanwhile. */
export function useModels(initial: ModelChoice[]): ModelChoice[] {
	const [models, setModels] = useState(initial);
	const [replay] = useState(createReplay<LiveEvent>);
	const apply = (event: LiveEvent) => setModels((before) => markTrouble(before, event));
	const load = async () => {
		const result = await callAction(actions.projects.listModels());
		if (result.ok) setModels(result.data.models);
	};
	useLive((event) => {
		replay.note(event);
		if (!isNews(event, models)) apply(event);
		else void replay.around(load(), apply);
	});
	return models;
}

/** Whether there may be other models to choose from than before. */
function isNews(event: LiveEvent, models: ModelChoice[]): boolean {
	if (event.type === 'hello' || event.type === 'connection.removed') return true;
	if (event.type !== 'connection.changed') return false;
	return !models.some(({ providerId }) => providerId === event.connection.providerId);
}
