import type { AuthPrompt } from '#shared/providers.ts';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { Select } from '../../ui/Select.tsx';

type Props = {
	prompts: AuthPrompt[];
	values: Record<string, string>;
	onChange: (values: Record<string, string>) => void;
};

/** What a provider asks for beside the key, such as an Azure resource name. */
export function PromptFields({ prompts, values, onChange }: Props) {
	return prompts.map((prompt) => (
		<Field key={prompt.key} label={prompt.message}>
			{prompt.type === 'select' ? (
				<Select
					value={values[prompt.key] ?? null}
					onChange={(value) => onChange({ ...values, [prompt.key]: value })}
					options={(prompt.options ?? []).map(({ value, label, hint }) => ({
						value,
						text: label,
						...(hint ? { hint } : {}),
					}))}
				/>
			) : (
				<Input
					value={values[prompt.key] ?? ''}
					onChange={(event) => onChange({ ...values, [prompt.key]: event.target.value })}
					placeholder={prompt.placeholder}
					autoComplete="off"
					spellCheck={false}
					maxLength={500}
				/>
			)}
		</Field>
	));
}
