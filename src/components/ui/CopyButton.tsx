import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './IconButton.tsx';
import { toast } from './toast.ts';

type Props = { text: string /** What is copied, such as "Copy code". */; label?: string; size?: 'sm' | 'md' };

export function CopyButton({ text, label = 'Copy', size = 'sm' }: Props) {
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return;
		const timer = setTimeout(() => setCopied(false), 2_000);
		return () => clearTimeout(timer);
	}, [copied]);
	const copy = () =>
		writeClipboard(text).then(
			() => setCopied(true),
			() => toast.bad('The browser did not allow copying. Select the text and copy it by hand.'),
		);
	return (
		<>
			<IconButton
				label={label}
				size={size}
				onClick={copy}
				icon={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
			/>
			<span role="status" className="sr-only">
				{copied ? 'Copied' : ''}
			</span>
		</>
	);
}

/** The clipboard API exists on https and localhost only, and doce also runs on plain http in a LAN. */
async function writeClipboard(text: string): Promise<void> {
	if (navigator.clipboard) return navigator.clipboard.writeText(text);
	throw new Error('No clipboard on an insecure origin.');
}
