import { actions } from 'astro:actions';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { LegacyReport } from '#shared/legacy.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { callAction } from '../../ui/callAction.ts';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { SectionHeader } from '../../ui/SectionHeader.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { ImportReport } from './ImportReport.tsx';

/** For admins: takes over what the old application on this server has, and shows what came over. */
export function LegacyImport() {
	const [form, setForm] = useState({ path: '', matchUsers: false });
	const [report, setReport] = useState<LegacyReport | null>(null);
	const [error, setError] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const { confirmed, dialog } = usePasswordConfirmation();
	const shown = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (report !== null) shown.current?.focus();
	}, [report]);
	const submit = async (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		setError(null);
		setReport(null);
		const result = await confirmed(() => callAction(actions.settings.importLegacy(form)));
		setBusy(false);
		if (result.ok) setReport(result.data.report);
		else setError(result.message);
	};
	return (
		<section aria-labelledby="legacy-import">
			<SectionHeader id="legacy-import" title="Import from the old application">
				People with their passwords, their keys and their projects. Its files are read, not changed, and nothing comes
				over twice.
			</SectionHeader>
			<Card>
				<form onSubmit={submit} className="flex flex-col gap-4">
					<Field
						label="Path on this server"
						hint="The old database, db.sqlite, or the data folder it lies in."
						error={error}
					>
						<Input
							mono
							value={form.path}
							onChange={(event) => setForm({ ...form, path: event.target.value })}
							placeholder="/srv/old-doce/data"
							autoComplete="off"
							spellCheck={false}
							required
						/>
					</Field>
					<Switch
						checked={form.matchUsers}
						onChange={(matchUsers) => setForm({ ...form, matchUsers })}
						label="Same name, same person"
						hint="Without it, a name that is taken here gets a number behind it."
					/>
					<div className="flex flex-wrap items-center justify-end gap-3">
						<p role="status" className="text-sm text-ink-soft empty:hidden">
							{busy ? 'Reading a copy of the database and copying the files of projects…' : ''}
						</p>
						<Button type="submit" variant="primary" busy={busy}>
							{busy ? 'Importing…' : 'Import'}
						</Button>
					</div>
				</form>
			</Card>
			{report && <ImportReport report={report} headingRef={shown} />}
			{dialog}
		</section>
	);
}
