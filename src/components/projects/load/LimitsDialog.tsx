import { actions } from 'astro:actions';
import { type SubmitEvent, useState } from 'react';
import type { ProjectLimits } from '#shared/limits.ts';
import { Button } from '../../ui/Button.tsx';
import { callAction } from '../../ui/callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { LoadFailure } from '../../ui/LoadFailure.tsx';
import { LimitFields } from '../../ui/limits/LimitFields.tsx';
import { type LimitErrors, readLimits, toLimitsForm } from '../../ui/limits/limitsForm.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { toast } from '../../ui/toast.ts';
import { useLoaded } from '../../ui/useLoaded.ts';

type Props = { project: { id: string; name: string }; onClose: () => void };

/** How much one project may use. */
export function LimitsDialog({ project, onClose }: Props) {
	const { data, error, reload } = useLoaded(() => actions.projects.getLimits({ projectId: project.id }), project.id);
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			title={`Limits of ${project.name}`}
			description="They hold at once. A program that needs more memory is ended; a project that needs more disk is stopped."
		>
			{error !== null && data === null && <LoadFailure error={error} onRetry={reload} />}
			{error === null && data === null && <Skeleton className="mx-5 mb-5 h-48" />}
			{data !== null && <Fields projectId={project.id} limits={data} onClose={onClose} />}
		</Dialog>
	);
}

function Fields({ projectId, limits, onClose }: { projectId: string; limits: ProjectLimits; onClose: () => void }) {
	const { own, defaults, bounds, keeps } = limits;
	const [form, setForm] = useState(() => toLimitsForm(own));
	const [errors, setErrors] = useState<LimitErrors>({});
	const [failure, setFailure] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const save = async () => {
		const read = readLimits(form, { bounds, names: keeps });
		setErrors(read.errors);
		if (Object.keys(read.errors).length > 0) return;
		setBusy(true);
		const result = await callAction(actions.projects.setLimits({ projectId, ...read.values }));
		setBusy(false);
		setFailure(result.ok ? null : result.message);
		if (!result.ok) return;
		toast.ok('Saved');
		onClose();
	};
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy) void save();
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-col">
			<DialogBody>
				<LimitFields names={keeps} form={form} errors={errors} defaults={defaults} onChange={setForm} />
				<p role="alert" className="text-sm text-bad empty:hidden">
					{failure}
				</p>
			</DialogBody>
			<DialogFooter>
				<Button onClick={onClose}>Cancel</Button>
				<Button type="submit" variant="primary" busy={busy}>
					{busy ? 'Saving…' : 'Save'}
				</Button>
			</DialogFooter>
		</form>
	);
}
