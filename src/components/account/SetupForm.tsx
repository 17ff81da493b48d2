import { actions } from 'astro:actions';
import { Check, Circle } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { callAction } from '../ui/callAction.ts';
import { cx } from '../ui/cx.ts';
import { Field } from '../ui/Field.tsx';
import { Input } from '../ui/Input.tsx';
import { SecretInput } from '../ui/SecretInput.tsx';

type Props = { /** From the address that the console printed; null asks for it. */ token: string | null };

/** As many characters as the server asks for. */
const SHORTEST_PASSWORD = 8;

export function SetupForm({ token }: Props) {
	const [form, setForm] = useState({ setupToken: token ?? '', username: '', password: '' });
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const longEnough = form.password.length >= SHORTEST_PASSWORD;
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!longEnough) return setError(`A password has at least ${SHORTEST_PASSWORD} characters.`);
		setBusy(true);
		const result = await callAction(actions.users.setup({ ...form, setupToken: form.setupToken.trim() }));
		if (result.ok) return location.assign('/');
		setBusy(false);
		setError(result.message);
	};
	return (
		<form method="post" onSubmit={submit} className="flex flex-col gap-4">
			<div>
				<h1 className="text-lg font-semibold">Set up doce</h1>
				<p className="mt-1 text-ink-soft">Create the first account. It is the admin of this server.</p>
			</div>
			<Field label="Setup token" hint="Printed on the console where doce was started.">
				<Input
					mono
					required
					autoComplete="off"
					spellCheck={false}
					value={form.setupToken}
					onChange={(event) => setForm({ ...form, setupToken: event.target.value })}
				/>
			</Field>
			<Field label="Username">
				<Input
					required
					maxLength={64}
					autoComplete="username"
					autoCapitalize="off"
					spellCheck={false}
					value={form.username}
					onChange={(event) => setForm({ ...form, username: event.target.value })}
				/>
			</Field>
			<Field label="Password" hint={<PasswordRule met={longEnough} />}>
				<SecretInput
					what="password"
					required
					maxLength={128}
					autoComplete="new-password"
					value={form.password}
					onChange={(event) => setForm({ ...form, password: event.target.value })}
				/>
			</Field>
			<p role="alert" className="text-sm text-bad empty:hidden">
				{error}
			</p>
			<Button type="submit" variant="primary" size="lg" busy={busy}>
				{busy ? 'Creating the account…' : 'Create account'}
			</Button>
		</form>
	);
}

function PasswordRule({ met }: { met: boolean }) {
	return (
		<span className={cx('flex items-center gap-1.5', met && 'text-ok')}>
			{met ? <Check size={14} aria-hidden /> : <Circle size={14} aria-hidden />}
			At least {SHORTEST_PASSWORD} characters
			<span className="sr-only">{met ? ', met' : ', not met yet'}</span>
		</span>
	);
}
