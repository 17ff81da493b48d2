import { type SubmitEvent, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { addedHost } from './packageWords.ts';
import type { Packages } from './usePackageHosts.ts';

type Props = Pick<Packages, 'busy' | 'change'> & { onAdded: (host: string) => void };

/** One more host for the list; what is wrong with it is said below the field. */
export function AddPackageHost({ busy, change, onAdded }: Props) {
	const [host, setHost] = useState('');
	const [error, setError] = useState<string | null>(null);
	const [adding, setAdding] = useState(false);
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (busy) return;
		setAdding(true);
		const result = await change((now) => [...now, host]);
		setAdding(false);
		if (!result.ok) return setError(result.message);
		const added = addedHost(result.data.before, result.data.after);
		if (added === undefined) return setError(`${host.trim()} is on the list already.`);
		setError(null);
		setHost('');
		onAdded(added);
	};
	return (
		<form onSubmit={submit} className="flex w-full max-w-xl items-start gap-2">
			<Field
				label="Add a host"
				hint="Its name on the internet, with :port for another port than 443."
				error={error}
				className="flex-1"
			>
				<Input
					mono
					value={host}
					onChange={(event) => {
						setHost(event.target.value);
						setError(null);
					}}
					placeholder="npm.example.com"
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					maxLength={300}
					required
				/>
			</Field>
			<Button type="submit" busy={adding} className="mt-6.5">
				{adding ? 'Adding…' : 'Add'}
			</Button>
		</form>
	);
}
