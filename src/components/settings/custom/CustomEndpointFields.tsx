import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { Select } from '../../ui/Select.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { type CustomErrors, type CustomForm, customId, FORMATS } from './customForm.ts';
import { HeadersField } from './HeadersField.tsx';
import { ModelsField } from './ModelsField.tsx';

type Props = {
	form: CustomForm;
	errors: CustomErrors;
	onChange: (part: Partial<CustomForm>, names?: Record<string, string>) => void;
};

export function CustomEndpointFields({ form, errors, onChange }: Props) {
	return (
		<>
			<div className="grid gap-4 sm:grid-cols-2">
				<Field label="Name" error={errors.name}>
					<Input
						autoFocus
						value={form.name}
						onChange={(event) => onChange({ name: event.target.value })}
						maxLength={60}
					/>
				</Field>
				<Field label="Id" error={errors.id}>
					<Input
						mono
						spellCheck={false}
						value={customId(form)}
						onChange={(event) => onChange({ id: event.target.value })}
						maxLength={64}
					/>
				</Field>
			</div>
			<Field label="Base URL" error={errors.baseURL} hint="Up to the version, such as https://llm.example.com/v1">
				<Input
					type="url"
					mono
					spellCheck={false}
					autoComplete="off"
					value={form.baseURL}
					onChange={(event) => onChange({ baseURL: event.target.value })}
					placeholder="https://"
				/>
			</Field>
			<Switch
				label="Local server"
				hint="Allows a private or loopback address. Leave off for anything on the internet."
				checked={form.local}
				onChange={(local) => onChange({ local })}
			/>
			<Field label="Format">
				<Select
					value={form.format}
					options={FORMATS}
					onChange={(value) =>
						onChange({ format: FORMATS.find((format) => format.value === value)?.value ?? form.format })
					}
				/>
			</Field>
			<Field label="API key" optional error={errors.apiKey} hint="Encrypted on this server. Never shown again.">
				<SecretInput
					what="key"
					mono
					value={form.apiKey}
					onChange={(event) => onChange({ apiKey: event.target.value })}
				/>
			</Field>
			<HeadersField lines={form.headers} error={errors.headers} onChange={(headers) => onChange({ headers })} />
			<ModelsField form={form} error={errors.models} onChange={(models, names) => onChange({ models }, names)} />
		</>
	);
}
