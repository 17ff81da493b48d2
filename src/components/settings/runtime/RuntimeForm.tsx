import { actions } from 'astro:actions';
import { type SubmitEvent, useState } from 'react';
import type { RuntimeView } from '#shared/runtime.ts';
import { AmountField } from '../../ui/AmountField.tsx';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { LimitFields } from '../../ui/limits/LimitFields.tsx';
import { toast } from '../../ui/toast.ts';
import { type RuntimeErrors, type RuntimeFields, readRuntime, toRuntimeFields } from './runtimeFields.ts';

/** For admins: the limits of projects that have none of their own, and when one that nobody uses rests. */
export function RuntimeForm({ first }: { first: RuntimeView }) {
	const [fields, setFields] = useState<RuntimeFields>(() => toRuntimeFields(first.settings));
	const [errors, setErrors] = useState<RuntimeErrors>({ limits: {} });
	const [busy, setBusy] = useState(false);
	const save = async () => {
		const read = readRuntime(fields, first);
		setErrors(read.errors);
		if (read.change === null) return;
		setBusy(true);
		const result = await callAction(actions.settings.setRuntimeSettings(read.change));
		setBusy(false);
		if (!result.ok) return void toast.bad('The settings were not saved', result.message);
		setFields(toRuntimeFields(result.data.settings));
		toast.ok('Saved');
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) void save();
	};
	return (
		<form onSubmit={submit} className="flex flex-col items-start gap-5">
			<div className="grid w-full gap-5 sm:grid-cols-2">
				{first.canPause && (
					<AmountField
						label="Pause after, in minutes"
						hint="A project that nobody uses is frozen, and goes on at once when somebody comes. 0: never."
						error={errors.pause}
						value={fields.pause}
						onChange={(pause) => setFields({ ...fields, pause })}
					/>
				)}
				<AmountField
					label="Stop after, in hours"
					hint="A project that nobody uses is ended; the next visit or message starts it again. 0: never."
					error={errors.stop}
					value={fields.stop}
					onChange={(stop) => setFields({ ...fields, stop })}
				/>
				<LimitFields
					names={first.keeps}
					form={fields.limits}
					errors={errors.limits}
					onChange={(limits) => setFields({ ...fields, limits })}
				/>
			</div>
			<Button type="submit" busy={busy}>
				{busy ? 'Saving…' : 'Save'}
			</Button>
		</form>
	);
}
