import { actions } from 'astro:actions';
import { useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { Field } from '../../ui/Field.tsx';
import { Textarea } from '../../ui/Textarea.tsx';
import { type CustomForm, customHeaders } from './customForm.ts';

type Props = {
	form: CustomForm;
	error: string | undefined;
	/** The text, and the names of models that were loaded, by id. */
	onChange: (models: string, names?: Record<string, string>) => void;
};

type Load = { state: 'idle' | 'loading' } | { state: 'failed'; message: string } | { state: 'loaded'; count: number };

/** The models of an endpoint, typed or asked for at the endpoint itself. */
export function ModelsField({ form, error, onChange }: Props) {
	const [load, setLoad] = useState<Load>({ state: 'idle' });
	const ask = async () => {
		setLoad({ state: 'loading' });
		const result = await callAction(actions.settings.loadModels(loadInput(form)));
		if (!result.ok) return setLoad({ state: 'failed', message: result.message });
		const { models } = result.data;
		setLoad({ state: 'loaded', count: models.length });
		if (models.length > 0)
			onChange(
				models.map((model) => model.id).join('\n'),
				Object.fromEntries(models.map(({ id, name }) => [id, name])),
			);
	};
	return (
		<Field
			label="Models"
			error={error ?? (load.state === 'failed' ? load.message : null)}
			hint={hintFor(load)}
			aside={
				<Button
					size="sm"
					busy={load.state === 'loading'}
					disabledReason={form.baseURL.trim() === '' ? 'Give the address first.' : undefined}
					onClick={ask}
				>
					{load.state === 'loading' ? 'Asking the endpoint…' : 'Load models'}
				</Button>
			}
		>
			<Textarea
				mono
				rows={3}
				value={form.models}
				onChange={(event) => onChange(event.target.value)}
				placeholder={'qwen3-coder:30b\nllama3.3:70b'}
				spellCheck={false}
				className="max-h-48"
			/>
		</Field>
	);
}

function hintFor(load: Load): string {
	if (load.state !== 'loaded') return 'One model id a line.';
	if (load.count === 0) return 'The endpoint lists no models. Type their ids, one a line.';
	return `${load.count === 1 ? '1 model' : `${load.count} models`} loaded. Delete the lines you do not need.`;
}

function loadInput(form: CustomForm) {
	const headers = customHeaders(form.headers);
	const apiKey = form.apiKey.trim();
	return {
		baseURL: form.baseURL.trim(),
		format: form.format,
		...(apiKey === '' ? {} : { apiKey }),
		...(headers === undefined ? {} : { headers }),
		...(form.local ? { local: true } : {}),
	};
}
