import type { RuntimeView } from '#shared/runtime.ts';

/** What runs projects, in a sentence. */
export const KIND_SENTENCES: Record<RuntimeView['kind'], string> = {
	process: 'Each project runs as processes of this server.',
	docker: 'Each project runs in Docker containers of its own.',
	swarm: 'Each project runs in a Docker Swarm.',
};

/** What the limits are worth here. */
export function keepsWords({ keeps }: Pick<RuntimeView, 'keeps'>): string | null {
	return keeps.length > 0
		? null
		: 'Projects have no limits of memory, processors and disk here: run them in Docker to set some.';
}

/** When a project that nobody uses rests, for who may not change it. */
export function restWords({ settings, canPause }: Pick<RuntimeView, 'settings' | 'canPause'>): string {
	const { pauseAfterMinutes: minutes, stopAfterHours: hours } = settings;
	const pauses = canPause && minutes > 0 ? [`paused after ${counted(minutes, 'minute')}`] : [];
	const stops = hours > 0 ? [`stopped after ${counted(hours, 'hour')}`] : [];
	const all = [...pauses, ...stops];
	if (all.length === 0) return 'A project that nobody uses runs on.';
	return `A project that nobody uses is ${all.join(' and ')}.`;
}

function counted(count: number, unit: string): string {
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
