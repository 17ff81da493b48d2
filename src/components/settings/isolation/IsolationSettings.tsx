import type { PackageHosts } from '#shared/packages.ts';
import type { Isolation } from '#shared/projects.ts';
import { Card } from '../../ui/Card.tsx';
import { IsolationStatus } from '../../ui/IsolationStatus.tsx';
import { SectionHeader } from '../../ui/SectionHeader.tsx';
import { PackageHostList } from './PackageHostList.tsx';

type Props = {
	isolation: Isolation;
	/** null for who may not change it. */
	packages: PackageHosts | null;
};

/** How well projects are kept apart, and for admins what they may fetch packages from. */
export function IsolationSettings({ isolation: { level, reason }, packages }: Props) {
	return (
		<section aria-labelledby="isolation">
			<SectionHeader id="isolation" title="Isolation">
				How well projects are kept apart from this server and from each other.
			</SectionHeader>
			<Card flush>
				<div className="flex flex-col items-start gap-2 p-5">
					<IsolationStatus level={level} />
					<p className="text-pretty break-words text-ink-soft">{reason}</p>
				</div>
				{packages !== null && <PackageHostList first={packages} isHeld={level !== 'not'} />}
			</Card>
		</section>
	);
}
