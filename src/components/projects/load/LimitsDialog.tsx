import { actions } from 'astro:actions';
import { useState } from 'react';
import type { ProjectLimits } from '#shared/limits.ts';
import { callAction } from '../../ui/callAction.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { DialogForm } from '../../ui/DialogForm.tsx';
import { LimitFields } from '../../ui/limits/LimitFields.tsx';
import { type LimitErrors, readLimits, toLimitsForm } from '../../ui/limits/limitsForm.ts';
import { toast } from '../../ui/toast.ts';
import { useLoaded } from '../../ui/useLoaded.ts';
import { WhenLoaded } from '../../ui/WhenLoaded.tsx';

type Props = { project: { id: string; name: string }; onClose: () => void };

/** How much one project may use. */
export function LimitsDialog({ project, onClose }: Props) {
	const loaded = useLoaded(() => actions.projects.getLimits({ projectId: project.id }), project.id);
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			title={`Limits of ${project.name}`}
			description="They hold at once. A program that needs more memory is ended; a project that needs more disk is stopped."
		>
			<WhenLoaded loaded={loaded} skeleton="mx-5 mb-5 h-48">
				{(limits) => <Fields projectId={project.id} limits={limits} onClose={onClose} />}
			</WhenLoaded>
		</Dialog>
	);
}

function Fields({ projectId, limits, onClose }: { projectId: string; limits: ProjectLimits; onClose: () => void }) {
	const { own, defaults, bounds, keeps } = limits;
	const [form, setForm] = useState(() => toLimitsForm(own));
	const [errors, setErrors] = useState<LimitErrors>({});
	const [failure, setFailure] = useState<string | null>(null);
	const save = async () => {
		const read = readLimits(form, { bounds, names: keeps });
		setErrors(read.errors);
		if (Object.keys(read.errors).length > 0) return;
		const result = await callAction(actions.projects.setLimits({ projectId, ...read.values }));
		setFailure(result.ok ? null : result.message);
		if (!result.ok) return;
		toast.ok('Saved');
		onClose();
	};
	return (
		<DialogForm save={save} onClose={onClose}>
			<LimitFields names={keeps} form={form} errors={errors} defaults={defaults} onChange={setForm} />
			<p role="alert" className="text-sm text-bad empty:hidden">
				{failure}
			</p>
		</DialogForm>
	);
}
