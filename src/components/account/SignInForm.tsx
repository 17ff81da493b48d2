import { actions } from 'astro:actions';
import { type SubmitEvent, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { callAction } from '../ui/callAction.ts';
import { Field } from '../ui/Field.tsx';
import { Input } from '../ui/Input.tsx';
import { SecretInput } from '../ui/SecretInput.tsx';

export function SignInForm() {
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		const entered = new FormData(event.currentTarget);
		setBusy(true);
		const result = await callAction(
			actions.users.signIn({ username: String(entered.get('username')), password: String(entered.get('password')) }),
		);
		if (result.ok) return location.assign('/');
		setBusy(false);
		setError(result.message);
	};
	return (
		<form method="post" onSubmit={submit} className="flex flex-col gap-4">
			<h1 className="text-lg font-semibold">Sign in</h1>
			<Field label="Username">
				<Input name="username" autoComplete="username" autoCapitalize="off" spellCheck={false} required />
			</Field>
			<Field label="Password" error={error}>
				<SecretInput name="password" what="password" autoComplete="current-password" required />
			</Field>
			<Button type="submit" variant="primary" size="lg" busy={busy}>
				{busy ? 'Signing in…' : 'Sign in'}
			</Button>
		</form>
	);
}
