import { actions } from 'astro:actions';
import { useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import type { WellKnownPreview } from '#shared/wellKnown.ts';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';
import { connectable, connectInputs, EMPTY_FORM, missingWords, type WellKnownForm } from './wellKnownForm.ts';

/** The dialog's way from an address to connections. */
export function useWellKnown(onConnected: (connection: ConnectionView) => void) {
	const [form, setForm] = useState<WellKnownForm>(EMPTY_FORM);
	const [preview, setPreview] = useState<WellKnownPreview | null>(null);
	const [connected, setConnected] = useState<ConnectionView[]>([]);
	const [failure, setFailure] = useState<Failure | null>(null);
	/** What is waited for, in words. */
	const [busy, setBusy] = useState<string | null>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const refuse = (message: string) => setFailure({ ok: false, code: 'invalid', message });

	const read = async () => {
		if (preview !== null && form.token.trim() === '') return refuse('Paste the token first.');
		setFailure(null);
		setBusy('Reading the document…');
		const { url, local, token } = form;
		const withToken = preview === null ? {} : { token: token.trim() };
		const result = await callAction(actions.settings.readWellKnown({ url, ...(local ? { local } : {}), ...withToken }));
		setBusy(null);
		if (!result.ok) return setFailure(result);
		setPreview(result.data);
		setForm((before) => ({ ...before, chosen: connectable(result.data).map(({ id }) => id) }));
	};

	const connect = async (skipTest: boolean) => {
		const missing = preview && missingWords(preview, form);
		if (preview === null || missing !== null) return refuse(missing ?? 'Read the document first.');
		setFailure(null);
		const done = [...connected];
		const isDone = (providerId: string) => done.some((connection) => connection.providerId === providerId);
		for (const input of connectInputs(preview, form, skipTest)) {
			if (isDone(input.providerId)) continue;
			const name = preview.providers.find(({ id }) => id === input.providerId)?.name ?? input.providerId;
			setBusy(`Checking with ${name}…`);
			const result = await confirmed(() => callAction(actions.settings.connectProvider(input)));
			if (!result.ok) {
				setBusy(null);
				const isNamed = form.chosen.length === 1 || result.message.startsWith(name);
				return setFailure(isNamed ? result : { ...result, message: `${name}: ${result.message}` });
			}
			done.push(result.data.connection);
			setConnected([...done]);
		}
		setBusy(null);
		const last = done.at(-1);
		if (last === undefined) return;
		const names = done.map(({ providerName }) => providerName).join(', ');
		toast.ok(`${names} ${done.length === 1 ? 'is' : 'are'} connected`);
		onConnected(last);
	};

	const forget = () => {
		setPreview(null);
		setFailure(null);
		setConnected([]);
		setForm((before) => ({ ...before, token: '', chosen: [] }));
	};
	const change = (part: Partial<WellKnownForm>) => setForm((before) => ({ ...before, ...part }));
	const connectedIds = connected.map(({ providerId }) => providerId);
	return { form, preview, connectedIds, failure, busy, dialog, change, read, connect, forget };
}
