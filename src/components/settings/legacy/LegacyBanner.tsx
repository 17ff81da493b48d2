import { actions } from 'astro:actions';
import { ArrowUpCircle } from 'lucide-react';
import { useState } from 'react';
import type { LegacyState } from '#shared/legacy.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import { useLive } from '../../ui/useLive.ts';

type Props = { state: LegacyState };

/** Offers to make a connection of the old application's key, with one button; gone once that is done, here or elsewhere. */
export function LegacyBanner({ state }: Props) {
	const [upgradable, setUpgradable] = useState(state.upgradable);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	useLive((event) => {
		if (event.type === 'connection.removed' && event.connectionId.startsWith('legacy:')) setUpgradable(false);
	});
	const upgrade = async () => {
		setBusy(true);
		setError(null);
		const result = await callAction(actions.settings.migrateToProviderSystem());
		setBusy(false);
		if (!result.ok) return setError(result.message);
		toast.ok('Upgraded', 'Your OpenRouter key is a connection now.');
		setUpgradable(false);
		document.getElementById('main')?.focus();
	};
	if (!upgradable) return null;
	return (
		<section
			aria-labelledby="legacy-banner"
			className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-line bg-accent-soft p-4"
		>
			<ArrowUpCircle size={18} aria-hidden className="mt-0.5 shrink-0 self-start text-accent-text" />
			<div className="min-w-0 flex-1 basis-56">
				<h2 id="legacy-banner" className="font-medium">
					Upgrade to connected providers
				</h2>
				<p className="mt-0.5 text-pretty text-ink-soft">
					Your OpenRouter key came from the old application. As a connection you can test it, replace it and see what
					uses it; running projects go on. Without a click, doce does this at your next sign-in.
				</p>
				<p role="alert" className="mt-2 text-bad empty:hidden">
					{error}
				</p>
			</div>
			<Button variant="primary" busy={busy} onClick={upgrade} className="max-sm:w-full">
				{busy ? 'Upgrading…' : 'Upgrade'}
			</Button>
		</section>
	);
}
