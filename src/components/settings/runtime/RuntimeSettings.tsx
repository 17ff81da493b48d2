import type { RuntimeView } from '#shared/runtime.ts';
import { Card } from '../../ui/Card.tsx';
import { SectionHeader } from '../../ui/SectionHeader.tsx';
import { RuntimeForm } from './RuntimeForm.tsx';
import { KIND_SENTENCES, keepsWords, restWords } from './runtimeWords.ts';

type Props = { runtime: RuntimeView; isAdmin: boolean };

/** What runs projects, how much each may use, and when it rests. */
export function RuntimeSettings({ runtime, isAdmin }: Props) {
	const limits = keepsWords(runtime);
	return (
		<section aria-labelledby="runtime">
			<SectionHeader id="runtime" title="Running projects">
				{KIND_SENTENCES[runtime.kind]}
			</SectionHeader>
			<Card>
				{isAdmin ? <RuntimeForm first={runtime} /> : <p className="text-ink-soft">{restWords(runtime)}</p>}
				{limits !== null && <p className="mt-4 text-pretty text-ink-faint">{limits}</p>}
			</Card>
		</section>
	);
}
