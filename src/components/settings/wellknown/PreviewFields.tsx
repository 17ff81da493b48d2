import type { WellKnownPreview } from '#shared/wellKnown.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { ConfiguredProviders } from './ConfiguredProviders.tsx';
import type { WellKnownForm } from './wellKnownForm.ts';

type Props = {
	preview: WellKnownPreview;
	form: WellKnownForm;
	/** Ids of those that are connected already. */
	connected: string[];
	error: string | undefined;
	onChange: (part: Partial<WellKnownForm>) => void;
};

/** What an organisation would configure, and the token for it. */
export function PreviewFields({ preview, form, connected, error, onChange }: Props) {
	const { needsToken, tokenShownAt, command } = preview;
	return (
		<>
			<section aria-labelledby="configures" className="flex flex-col gap-2">
				<h3 id="configures" className="font-medium">
					<span className="break-all">{preview.url.replace(/^https:\/\//, '')}</span> configures
				</h3>
				<ConfiguredProviders
					preview={preview}
					chosen={form.chosen}
					connected={connected}
					onChange={(chosen) => onChange({ chosen })}
				/>
				{needsToken && (
					<p className="text-sm text-ink-soft">
						The rest is at <span className="font-mono break-all">{tokenShownAt}</span>, which opens it for the token
						alone.
					</p>
				)}
				<LeftOut items={preview.leftOut} />
			</section>
			<Field label="Token" error={error} hint="Encrypted on this server. Never shown again.">
				<SecretInput
					what="token"
					mono
					autoFocus
					value={form.token}
					onChange={(event) => onChange({ token: event.target.value })}
				/>
			</Field>
			{command !== null && (
				<div className="-mt-1 text-sm text-ink-soft">
					On your own machine, this command prints it:
					<span className="mt-1 flex items-center gap-2 rounded-md bg-sunken py-1 pr-1 pl-2.5">
						<code className="min-w-0 flex-1 break-all">{command}</code>
						<CopyButton text={command} label="Copy command" />
					</span>
				</div>
			)}
			{!needsToken && (
				<Field label="Label" optional hint="To tell several tokens of one provider apart.">
					<Input value={form.label} onChange={(event) => onChange({ label: event.target.value })} maxLength={60} />
				</Field>
			)}
		</>
	);
}

function LeftOut({ items }: { items: string[] }) {
	if (items.length === 0) return null;
	return (
		<p className="text-sm text-ink-faint">
			<span className="text-ink-soft">Not taken over:</span> {items.join(' · ')}
		</p>
	);
}
