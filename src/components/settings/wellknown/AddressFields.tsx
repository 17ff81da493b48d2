import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { Switch } from '../../ui/Switch.tsx';
import type { WellKnownForm } from './wellKnownForm.ts';

type Props = {
	form: WellKnownForm;
	error: string | undefined;
	onChange: (part: Partial<WellKnownForm>) => void;
};

/** Where an organisation's document is read. */
export function AddressFields({ form, error, onChange }: Props) {
	return (
		<>
			<p className="text-pretty text-ink-soft">
				Some organisations publish which providers OpenCode is to use. doce reads that, shows it to you first, and runs
				nothing of it.
			</p>
			<Field label="Address of the organisation" error={error} hint="Read at /.well-known/opencode below this address.">
				<Input
					autoFocus
					type="url"
					mono
					spellCheck={false}
					autoComplete="off"
					value={form.url}
					onChange={(event) => onChange({ url: event.target.value })}
					placeholder="https://ai.example.com"
					maxLength={500}
				/>
			</Field>
			<Switch
				label="Local server"
				hint="Allows private and loopback addresses, for the document and for what it names. Leave off for anything on the internet."
				checked={form.local}
				onChange={(local) => onChange({ local })}
			/>
		</>
	);
}
