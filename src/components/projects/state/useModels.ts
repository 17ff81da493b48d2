import { actions } from 'astro:actions';
import { useRef, useState } from 'react';
import type { LiveEvent } from '#shared/live.ts';
import type { ModelChoice } from '#shared/providers.ts';
import { callAction } from '../../ui/callAction.ts';
import { useLive } from '../../ui/useLive.ts';
import { markTrouble } from './markTrouble.ts';

/** The models to choose from as the server rendered them, with what becomes known about their providers meanwhile. */
export function useModels(initial: ModelChoice[]): ModelChoice[] {
	const [models, setModels] = useState(initial);
	const greeted = useRef(false);
	const reload = async () => {
		const result = await callAction(actions.projects.listModels());
		if (result.ok) setModels(result.data.models);
	};
	useLive((event) => {
		if (!isNews(event, models)) return setModels((before) => markTrouble(before, event));
		// The first one follows the page at once: it shows what the server has just said.
		if (event.type === 'hello' && !greeted.current) greeted.current = true;
		else void reload();
	});
	return models;
}

/** Whether there may be other models to choose from than before. */
function isNews(event: LiveEvent, models: ModelChoice[]): boolean {
	if (event.type === 'hello' || event.type === 'connection.removed') return true;
	if (event.type !== 'connection.changed') return false;
	return !models.some(({ providerId }) => providerId === event.connection.providerId);
}
