import { askedPrompts, asksForAddress } from '#shared/prompts.ts';
import type { AuthPrompt } from '#shared/providers.ts';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { Select } from '../../ui/Select.tsx';
import { Switch } from '../../ui/Switch.tsx';

type Props = {
	prompts: AuthPrompt[];
	values: Record<string, string>;
	/** What is wrong with one of them. */
	fault: { key: string; words: string } | null;
	onChange: (values: Record<string, string>) => void;
};

/** What a provider asks for beside the key, such as an Azure resource name. */
export function PromptFields({ prompts, values, fault, onChange }: Props) {
	return askedPrompts(prompts, values).map((prompt) => (
		<Field
			key={prompt.key}
			label={prompt.message}
			optional={prompt.optional}
			error={fault?.key === prompt.key ? fault.words : null}
		>
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

type LocalProps = { prompts: AuthPrompt[]; local: boolean; onChange: (local: boolean) => void };

/** For a provider that asks for an address, which may be one in the own network. */
export function LocalSwitch({ prompts, local, onChange }: LocalProps) {
	if (!prompts.some(asksForAddress)) return null;
	return (
		<Switch
			label="Local server"
			hint="Allows a private address. Leave off for anything on the internet."
			checked={local}
			onChange={onChange}
		/>
	);
}
