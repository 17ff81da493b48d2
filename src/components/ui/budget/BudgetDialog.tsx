import { actions } from 'astro:actions';
import { useState } from 'react';
import type { BudgetPeriod, BudgetSubject, BudgetView } from '#shared/usage.ts';
import { AmountField } from '../AmountField.tsx';
import { callAction, type Result } from '../callAction.ts';
import { Dialog } from '../Dialog.tsx';
import { DialogForm } from '../DialogForm.tsx';
import { toast } from '../toast.ts';
import { useLoaded } from '../useLoaded.ts';
import { WhenLoaded } from '../WhenLoaded.tsx';
import { type BudgetForm, type Change, changeOf, PERIODS, toForm, usedWords } from './budgetForm.ts';

/** Whose budgets: a project's or a connection's. */
export type Budgeted = { subject: BudgetSubject; subjectId: string; name: string };

type Props = { of: Budgeted; onClose: () => void };

/** How much something may cost in a day and in a month. */
export function BudgetDialog({ of, onClose }: Props) {
	const { subject, subjectId, name } = of;
	const loaded = useLoaded(() => actions.usage.listBudgets({ subject, subjectId }), subjectId);
	return (
		<Dialog
			open
			onOpenChange={onClose}
			size="sm"
			flush
			title={`Budgets of ${name}`}
			description="You are told at 80 %. At 100 % messages wait until the budget is raised or begins anew."
		>
			<WhenLoaded loaded={loaded} skeleton="mx-5 mb-5 h-32">
				{({ budgets }) => <Fields of={of} budgets={budgets} onClose={onClose} />}
			</WhenLoaded>
		</Dialog>
	);
}

type Errors = Partial<Record<BudgetPeriod, string>>;

function Fields({ of, budgets, onClose }: Props & { budgets: BudgetView[] }) {
	const [form, setForm] = useState<BudgetForm>(() => toForm(budgets));
	const [errors, setErrors] = useState<Errors>({});
	const save = async () => {
		const failed = await saveAll(of, budgets, form);
		setErrors(failed);
		if (Object.keys(failed).length > 0) return;
		toast.ok('Saved');
		onClose();
	};
	return (
		<DialogForm save={save} onClose={onClose}>
			{PERIODS.map(({ period, label }) => (
				<AmountField
					key={period}
					label={label}
					optional
					hint={usedWords(budgets, period)}
					error={errors[period]}
					placeholder="No limit"
					value={form[period]}
					onChange={(value) => setForm({ ...form, [period]: value })}
				/>
			))}
		</DialogForm>
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
