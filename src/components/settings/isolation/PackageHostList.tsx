import { X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { PackageHosts } from '#shared/packages.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { toast } from '../../ui/toast.ts';
import { AddPackageHost } from './AddPackageHost.tsx';
import { emptyWords, isSameList, reachWords } from './packageWords.ts';
import { usePackageHosts } from './usePackageHosts.ts';

type Props = {
	first: PackageHosts;
	/** False where nothing holds projects to the list. */
	isHeld: boolean;
};

/** For admins: the hosts that projects may connect to, to install packages. */
export function PackageHostList({ first, isHeld }: Props) {
	const packages = usePackageHosts(first);
	const { hosts, defaults, registry, busy, change } = packages;
	const [said, setSaid] = useState('');
	const list = useRef<HTMLUListElement>(null);
	const remove = async (host: string) => {
		const result = await change((now) => now.filter((each) => each !== host));
		if (!result.ok) return void toast.bad(`${host} was not removed`, result.message);
		setSaid(`${host} is removed.`);
		list.current?.focus();
	};
	const reset = async () => {
		const result = await change(() => defaults);
		if (!result.ok) return void toast.bad('The list was not reset', result.message);
		setSaid('The list is reset.');
		list.current?.focus();
	};
	return (
		<div className="border-t border-line">
			<div className="p-5 pb-4">
				<h3 className="font-medium">Hosts for packages</h3>
				<p className="mt-0.5 text-pretty text-ink-soft">{reachWords(isHeld)}</p>
			</div>
			<ul
				ref={list}
				tabIndex={-1}
				aria-label="Hosts for packages"
				className="divide-y divide-line border-y border-line"
			>
				{registry !== null && <Registry host={registry} />}
				{hosts.map((host) => (
					<li key={host} className="flex min-h-11 items-center gap-3 py-1 pr-3 pl-5">
						<span className="min-w-0 flex-1 font-mono text-sm break-all">{host}</span>
						<IconButton
							label={`Remove ${host}`}
							size="sm"
							disabled={busy}
							icon={<X size={16} aria-hidden />}
							onClick={() => void remove(host)}
						/>
					</li>
				))}
				{hosts.length === 0 && <li className="px-5 py-3 text-ink-faint">{emptyWords(registry, isHeld)}</li>}
			</ul>
			<div className="flex flex-col items-start gap-4 p-5">
				<AddPackageHost busy={busy} change={change} onAdded={(host) => setSaid(`${host} is added.`)} />
				{!isSameList(hosts, defaults) && (
					<Button size="sm" disabled={busy} onClick={() => void reset()}>
						Reset to {defaults.join(', ')}
					</Button>
				)}
			</div>
			<p role="status" className="sr-only">
				{said}
			</p>
		</div>
	);
}

function Registry({ host }: { host: string }) {
	return (
		<li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2">
			<span className="min-w-0 font-mono text-sm break-all">{host}</span>
			<Badge>Registry of this server</Badge>
			<span className="w-full text-sm text-ink-faint">
				Whoever started doce has set it, as <code className="font-mono">npm_config_registry</code>.
			</span>
		</li>
	);
}
