import { Plus, X } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { Input } from '../../ui/Input.tsx';
import { SecretInput } from '../../ui/SecretInput.tsx';
import type { HeaderLine } from './customForm.ts';

type Props = { lines: HeaderLine[]; error: string | undefined; onChange: (lines: HeaderLine[]) => void };

/** Headers to send with every call; their values are kept like keys. */
export function HeadersField({ lines, error, onChange }: Props) {
	const nextKey = useRef(0);
	const change = (key: number, part: Partial<HeaderLine>) =>
		onChange(lines.map((line) => (line.key === key ? { ...line, ...part } : line)));
	return (
		<fieldset className="flex min-w-0 flex-col gap-2">
			<legend className="mb-1.5 font-medium">
				Headers <span className="ml-1 font-normal text-ink-faint">optional</span>
			</legend>
			{lines.map((line, at) => (
				<div key={line.key} className="flex items-start gap-2">
					<Input
						aria-label={`Name of header ${at + 1}`}
						placeholder="X-Team"
						mono
						spellCheck={false}
						value={line.name}
						onChange={(event) => change(line.key, { name: event.target.value })}
						className="basis-2/5"
					/>
					<div className="min-w-0 flex-1">
						<SecretInput
							what={`header ${at + 1}`}
							aria-label={`Value of header ${at + 1}`}
							mono
							value={line.value}
							onChange={(event) => change(line.key, { value: event.target.value })}
						/>
					</div>
					<IconButton
						label={`Remove header ${at + 1}`}
						icon={<X size={16} aria-hidden />}
						onClick={() => onChange(lines.filter((other) => other.key !== line.key))}
					/>
				</div>
			))}
			<p role="alert" className="text-sm text-bad empty:hidden">
				{error}
			</p>
			<Button
				size="sm"
				icon={<Plus size={14} aria-hidden />}
				className="self-start"
				onClick={() => onChange([...lines, { key: nextKey.current++, name: '', value: '' }])}
			>
				Add a header
			</Button>
		</fieldset>
	);
}
