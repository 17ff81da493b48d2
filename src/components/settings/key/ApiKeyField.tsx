import { ExternalLink } from 'lucide-react';
import type { ClipboardEvent } from 'react';
import type { AvailableProvider } from '#shared/providers.ts';
import { Field } from '../../ui/Field.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import { takesNoKey } from './keyForm.ts';

type Props = {
	provider: AvailableProvider;
	value: string;
	error: string | undefined;
	onChange: (value: string) => void;
	/** Told when what was pasted cannot be a key, and is left out. */
	onRefuse: (message: string) => void;
};

export function ApiKeyField({ provider, value, error, onChange, onRefuse }: Props) {
	const free = takesNoKey(provider);
	// A browser silently joins the lines of what is pasted into one line: the joined key would be refused without a hint why.
	const paste = (event: ClipboardEvent<HTMLInputElement>) => {
		if (!/[\r\n]/.test(event.clipboardData.getData('text').trim())) return;
		event.preventDefault();
		onRefuse('An API key is a single line. Copy the key alone, without the text around it.');
	};
	const link = provider.keyUrl && (
		<a
			href={provider.keyUrl}
			target="_blank"
			rel="noopener noreferrer"
			className="inline-flex shrink-0 items-center gap-1 text-sm text-accent-text hover:underline"
		>
			Get a key
			<ExternalLink size={12} aria-hidden />
		</a>
	);
	return (
		<Field
			label="API key"
			optional={free}
			aside={link}
			error={error}
			hint={free ? 'Leave empty for the free models.' : 'Encrypted on this server. Never shown again.'}
		>
			<SecretInput
				what="key"
				mono
				value={value}
				onChange={(event) => onChange(event.target.value)}
				onPaste={paste}
				autoFocus
			/>
		</Field>
	);
}
