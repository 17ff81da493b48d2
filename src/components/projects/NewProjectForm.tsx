import { actions } from 'astro:actions';
import { ArrowRight } from 'lucide-react';
import { type KeyboardEvent, type SubmitEvent, useState } from 'react';
import type { ModelChoice } from '#shared/providers.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { callAction } from '../ui/callAction.ts';
import { Field } from '../ui/Field.tsx';
import { Textarea } from '../ui/Textarea.tsx';
import { useDraft } from './chat/useDraft.ts';
import { type ModelId, ModelPicker } from './ModelPicker.tsx';
import { useModels } from './state/useModels.ts';

const EXAMPLES = [
	'A one-page site for a small bakery called Morning Crumb, with a menu and opening hours',
	'A portfolio for a landscape photographer, dark and quiet, with a gallery and a contact section',
	'A launch page for a note-taking app: what it does, pricing, questions and answers',
];

/** The prompt box: what a person wants, and which model builds it. */
export function NewProjectForm({ models: choices }: { models: ModelChoice[] }) {
	const models = useModels(choices);
	const draft = useDraft('doce:new-project');
	const [model, setModel] = useState<ModelId | null>(() => firstOf(models));
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const create = async () => {
		if (busy) return;
		const prompt = draft.text.trim();
		if (prompt === '') return setError('Describe the site you want.');
		setBusy(true);
		setError(null);
		const result = await callAction(actions.projects.create({ prompt, ...model }));
		if (!result.ok) {
			setBusy(false);
			return setError(result.message);
		}
		draft.forget(prompt);
		location.assign(`/projects/${result.data.projectId}`);
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		void create();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void create();
	};
	return (
		<section aria-labelledby="new-project" className="flex flex-col gap-3">
			<h1 id="new-project" className="text-xl font-semibold">
				What do you want to build?
			</h1>
			<Card className="p-3">
				<form method="post" onSubmit={submit} onKeyDown={onKeyDown} className="flex flex-col gap-3">
					<Field label="Describe the site" hideLabel error={error}>
						<Textarea
							name="prompt"
							rows={4}
							value={draft.text}
							onChange={(event) => draft.setText(event.currentTarget.value)}
							placeholder="A site for…"
							className="max-h-80"
						/>
					</Field>
					<div className="flex flex-wrap items-center justify-between gap-2">
						{models.length === 0 ? (
							<p className="flex flex-wrap items-center gap-3 text-ink-soft">
								No provider is connected.
								<Button size="sm" href="/settings">
									Open Settings
								</Button>
							</p>
						) : (
							<ModelPicker
								models={models}
								value={model}
								onChange={setModel}
								look="ghost"
								className="max-w-80 min-w-0"
							/>
						)}
						<Button
							type="submit"
							variant="primary"
							busy={busy}
							icon={<ArrowRight size={16} aria-hidden />}
							disabledReason={models.length === 0 ? 'Connect a provider first' : undefined}
						>
							{busy ? 'Creating' : 'Create'}
						</Button>
					</div>
				</form>
			</Card>
			<Examples onChoose={draft.setText} />
		</section>
	);
}

function Examples({ onChoose }: { onChoose: (text: string) => void }) {
	return (
		<ul aria-label="Examples" className="grid gap-2 sm:grid-cols-3">
			{EXAMPLES.map((example) => (
				<li key={example} className="flex">
					<button
						type="button"
						onClick={() => onChoose(example)}
						className="w-full rounded-md border border-line bg-surface p-3 text-left text-sm text-ink-soft transition-colors hover:bg-sunken hover:text-ink"
					>
						{example}
					</button>
				</li>
			))}
		</ul>
	);
}

function firstOf(models: ModelChoice[]): ModelId | null {
	const [first] = models;
	return first === undefined ? null : { providerId: first.providerId, modelId: first.modelId };
}
