import { actions } from 'astro:actions';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { InitiatedOAuth, InitiateOAuthInput } from '#shared/oauth.ts';
import type { ConnectionView, OAuthState } from '#shared/providers.ts';
import { callAction, type Result } from '../../ui/callAction.ts';
import { toast } from '../../ui/toast.ts';
import { useLive } from '../../ui/useLive.ts';
import type { EndedState } from './methods.ts';

/** Where a sign-in is. */
export type SignInStep =
	| { at: 'ask'; error: string | null }
	| { at: 'starting' }
	| { at: 'waiting'; begun: InitiatedOAuth; error: string | null; busy: boolean }
	| { at: 'ended'; state: EndedState; message: string }
	| { at: 'connected'; connection: ConnectionView };

type Confirmed = <T>(call: () => Promise<Result<T>>) => Promise<Result<T>>;

/** One attempt after another to sign in to a provider. Whoever leaves the dialog in the middle gives the attempt up. */
export function useSignIn(confirmed: Confirmed, onConnected: (connection: ConnectionView) => void) {
	const [step, setStep] = useState<SignInStep>({ at: 'ask', error: null });
	/** The attempt that waits, also for what happens after this is gone. */
	const open = useRef<string | null>(null);

	const finish = (connection: ConnectionView): void => {
		if (open.current === null) return;
		open.current = null;
		onConnected(connection);
		setStep({ at: 'connected', connection });
	};

	const end = (state: EndedState, message = ''): void => {
		open.current = null;
		setStep({ at: 'ended', state, message });
	};

	const look = async (attemptId: string): Promise<void> => {
		const result = await callAction(actions.settings.getOAuthAttempt({ attemptId }));
		if (!result.ok || open.current !== attemptId) return;
		const { state, connection, message } = result.data;
		if (state === 'connected' && connection !== undefined) finish(connection);
		else if (isEnded(state)) end(state, message);
	};

	const start = async (input: InitiateOAuthInput): Promise<void> => {
		setStep({ at: 'starting' });
		const result = await confirmed(() => callAction(actions.settings.initiateOAuth(input)));
		if (!result.ok) return setStep({ at: 'ask', error: result.message });
		open.current = result.data.attemptId;
		setStep({ at: 'waiting', begun: result.data, error: null, busy: false });
	};

	const complete = async (begun: InitiatedOAuth, code: string): Promise<void> => {
		setStep({ at: 'waiting', begun, error: null, busy: true });
		const result = await callAction(actions.settings.completeOAuth({ attemptId: begun.attemptId, code }));
		if (open.current !== begun.attemptId) return;
		if (result.ok) return finish(result.data.connection);
		setStep({ at: 'waiting', begun, error: result.message, busy: false });
		await look(begun.attemptId);
	};

	const cancel = async (): Promise<void> => {
		const attemptId = open.current;
		if (attemptId === null) return;
		end('cancelled');
		const result = await callAction(actions.settings.cancelOAuth({ attemptId }));
		// It had ended well just before: the list of connections changes at the same moment, and may take the dialog with it.
		const connection = result.ok ? result.data.connection : undefined;
		if (connection === undefined) return;
		onConnected(connection);
		toast.ok(`${connection.providerName} is connected`, connection.account ?? undefined);
	};

	useLive((event) => {
		if (open.current === null) return;
		if (event.type === 'hello') void look(open.current);
		else if (event.type === 'oauth.attempt' && event.attempt.id === open.current) void look(open.current);
	});
	const leave = useEffectEvent(cancel);
	useEffect(() => () => void leave(), []);

	return { step, start, complete, cancel, again: () => setStep({ at: 'ask', error: null }) };
}

function isEnded(state: OAuthState): state is EndedState {
	return state === 'failed' || state === 'expired' || state === 'cancelled';
}
