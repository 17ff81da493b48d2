import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { IconButton } from './IconButton.tsx';
import { Input } from './Input.tsx';

type Props = Omit<ComponentProps<typeof Input>, 'type'> & {
	/** What it holds, such as "key" or "password": named by the button that shows it. */
	what: string;
};

/** A masked line. Password managers are asked to stay away unless `autoComplete` invites them. */
export function SecretInput({ what, autoComplete = 'off', ...rest }: Props) {
	const [shown, setShown] = useState(false);
	const quiet = autoComplete === 'off' ? { 'data-1p-ignore': '', 'data-lpignore': 'true', 'data-bwignore': '' } : {};
	return (
		<div className="relative">
			<Input
				spellCheck={false}
				autoCapitalize="off"
				{...quiet}
				{...rest}
				type={shown ? 'text' : 'password'}
				autoComplete={autoComplete}
				className="pr-10"
			/>
			<IconButton
				label={shown ? `Hide ${what}` : `Show ${what}`}
				icon={shown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
				size="sm"
				onClick={() => setShown(!shown)}
				className="absolute top-1 right-1"
			/>
		</div>
	);
}
