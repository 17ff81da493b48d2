import { actions } from 'astro:actions';
import { useState } from 'react';
import type { LiveEvent } from '#shared/live.ts';
import type { Isolation } from '#shared/projects.ts';
import type { ConnectionView } from '#shared/providers.ts';
import { callAction } from '../../ui/callAction.ts';
import { createReplay } from '../../ui/replay.ts';
import { toast } from '../../ui/toast.ts';
import { useLive } from '../../ui/useLive.ts';
import { applyConnectionEvent, moveConnection } from './applyConnectionEvent.ts';

export type Connections = {
	/** In the order of preference. */
	list: ConnectionView[];
	/** How well projects are kept apart: another start of doce may find it otherwise. */
	isolation: Isolation;
	/** Shows what an action answered, without waiting for the live event that says the same. */
	put: (connection: ConnectionView) => void;
	remove: (connectionId: string) => void;
	/** A place further up or down, at once; the server learns of it meanwhile. */
	move: (connectionId: string, by: -1 | 1) => Promise<void>;
};

/** The connections as the server rendered them, kept current by live events. */
export function useConnections(initial: { connections: ConnectionView[]; isolation: Isolation }): Connections {
	const [list, setList] = useState(initial.connections);
	const [isolation, setIsolation] = useState(initial.isolation);
	const [replay] = useState(createReplay<LiveEvent>);
	const apply = (event: LiveEvent) => setList((before) => applyConnectionEvent(before, event));
	const load = async () => {
		const result = await callAction(actions.settings.getProviderConnections());
		if (result.ok) {
			setList(result.data.connections);
			setIsolation(result.data.isolation);
		} else if (result.code !== 'offline') toast.bad('The connections could not be loaded', result.message);
	};
	const reload = () => replay.around(load(), apply);
	useLive((event) => {
		if (event.type === 'hello') return void reload();
		replay.note(event);
		apply(event);
	});
	const move = async (connectionId: string, by: -1 | 1) => {
		const after = moveConnection(list, connectionId, by);
		setList(after);
		const result = await callAction(actions.settings.orderConnections({ connectionIds: after.map(({ id }) => id) }));
		if (result.ok) return;
		toast.bad('The order was not changed', result.message);
		await reload();
	};
	return {
		list,
		isolation,
		put: (connection) => apply({ type: 'connection.changed', connection }),
		remove: (connectionId) => apply({ type: 'connection.removed', connectionId }),
		move,
	};
}
