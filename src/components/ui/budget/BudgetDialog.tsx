import { actions } from 'astro:actions';
import { type SubmitEvent, useState } from 'react';
import type { BudgetPeriod, BudgetSubject, BudgetView } from '#shared/usage.ts';
import { Button } from '../Button.tsx';
import { callAction, type Result } from '../callAction.ts';
import { Dialog, DialogBody, DialogFooter } from '../Dialog.tsx';
import { Field } from '../Field.tsx';
import { Input } from '../Input.tsx';
import { LoadFailure } from '../LoadFailure.tsx';
import { Skeleton } from '../Skeleton.tsx';
import { toast } from '../toast.ts';
import { useLoaded } from '../useLoaded.ts';
import { type BudgetForm, type Change, changeOf, PERIODS, toForm, usedWords } from './budgetForm.ts';

/** Whose budgets: a project's or a connection's. */
export type Budgeted = { subject: BudgetSubject; subjectId: string; name: string };

type Props = { of: Budgeted; onClose: () => void };

/** How much something may cost in a day and in a month. */
export function BudgetDialog({ of, onClose }: Props) {
	const { subject, subjectId, name } = of;
	const { data, error, reload } = useLoaded(() => actions.usage.listBudgets({ subject, subjectId }), subjectId);
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			title={`Budgets of ${name}`}
			description="You are told at 80 %. At 100 % messages wait until the budget is raised or begins anew."
		>
			{error !== null && data === null && <LoadFailure error={error} onRetry={reload} />}
			{error === null && data === null && <Skeleton className="mx-5 mb-5 h-32" />}
			{data !== null && <Fields of={of} budgets={data.budgets} onClose={onClose} />}
		</Dialog>
	);
}

type Errors = Partial<Record<BudgetPeriod, string>>;

function Fields({ of, budgets, onClose }: Props & { budgets: BudgetView[] }) {
	const [form, setForm] = useState<BudgetForm>(() => toForm(budgets));
	const [errors, setErrors] = useState<Errors>({});
	const [busy, setBusy] = useState(false);
	const save = async () => {
		setBusy(true);
		const failed = await saveAll(of, budgets, form);
		setBusy(false);
		setErrors(failed);
		if (Object.keys(failed).length > 0) return;
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
				{PERIODS.map(({ period, label }) => (
					<Field key={period} label={label} optional hint={usedWords(budgets, period)} error={errors[period]}>
						<Input
							inputMode="decimal"
							autoComplete="off"
							placeholder="No limit"
							value={form[period]}
							onChange={(event) => setForm({ ...form, [period]: event.target.value })}
							maxLength={12}
						/>
					</Field>
				))}
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

/** Nothing is saved while something is wrong. What fails is told at its field. */
async function saveAll(of: Budgeted, budgets: BudgetView[], form: BudgetForm): Promise<Errors> {
	const errors: Errors = {};
	const changes: [BudgetPeriod, Change][] = [];
	for (const { period } of PERIODS) {
		const change = changeOf(budgets, form, period);
		if (change?.kind === 'wrong') errors[period] = change.words;
		else if (change !== null) changes.push([period, change]);
	}
	if (Object.keys(errors).length > 0) return errors;
	for (const [period, change] of changes) {
		const result = await apply(of, change);
		if (!result.ok) errors[period] = result.message;
	}
	return errors;
}

async function apply({ subject, subjectId }: Budgeted, change: Change): Promise<Result<unknown>> {
	if (change.kind === 'remove') return callAction<unknown>(actions.usage.removeBudget({ budgetId: change.budgetId }));
	const { period, limitUsd } = change;
	return callAction<unknown>(actions.usage.setBudget({ subject, subjectId, period, limitUsd }));
}
