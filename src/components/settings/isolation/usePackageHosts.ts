import { actions } from 'astro:actions';
import { useState } from 'react';
import type { PackageHosts } from '#shared/packages.ts';
import { callAction, type Result } from '../../ui/callAction.ts';

export type Packages = PackageHosts & {
	/** True while a change is being saved. */
	busy: boolean;
	/** Changes the list as it is on the server now: another admin may have taken a host off it meanwhile. */
	change: (edit: (hosts: string[]) => string[]) => Promise<Result<{ before: string[]; after: string[] }>>;
};

/** The list of hosts that packages may come from. Every change takes effect at once. */
export function usePackageHosts(first: PackageHosts): Packages {
	const [shown, setShown] = useState(first);
	const [busy, setBusy] = useState(false);
	const save: Packages['change'] = async (edit) => {
		const now = await callAction(actions.settings.getPackageHosts());
		if (!now.ok) return now;
		const result = await callAction(actions.settings.setPackageHosts({ hosts: edit(now.data.hosts) }));
		if (!result.ok) return result;
		setShown(result.data);
		return { ok: true, data: { before: now.data.hosts, after: result.data.hosts } };
	};
	const change: Packages['change'] = async (edit) => {
		setBusy(true);
		const result = await save(edit);
		setBusy(false);
		return result;
	};
	return { ...shown, busy, change };
}
