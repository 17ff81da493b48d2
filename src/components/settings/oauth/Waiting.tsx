import { ExternalLink } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import type { InitiatedOAuth } from '#shared/oauth.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { DialogBody, DialogFooter } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Input } from '../../ui/Input.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useNow } from '../../ui/useNow.ts';
import { countdown } from '../connections/connectionWords.ts';
import { isOnServer } from './methods.ts';

type Props = {
	providerName: string;
	begun: InitiatedOAuth;
	/** What was wrong with the code or address that was given. */
	error: string | null;
	busy: boolean;
	onComplete: (code: string) => void;
	onCancel: () => void;
};

/** What the person does at the provider, and how long there is for it. */
export function Waiting({ providerName, begun, error, busy, onComplete, onCancel }: Props) {
	const [typed, setTyped] = useState('');
	const { method, redirectsTo, userCode } = begun;
	const takesText = method === 'code' || redirectsTo !== undefined;
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		if (!busy && typed.trim() !== '') onComplete(typed.trim());
	};
	return (
		<form onSubmit={submit} className="flex min-h-0 flex-1 flex-col" noValidate>
			<DialogBody>
				<div ref={takeFocus} tabIndex={-1} className="flex flex-col gap-4 outline-none">
					<ProviderPage providerName={providerName} begun={begun} />
					{userCode !== undefined && <UserCode code={userCode} />}
				</div>
				{takesText && <TextField begun={begun} typed={typed} error={error} onType={setTyped} />}
				<Clock expiresAt={begun.expiresAt} waiting={method === 'auto'} />
				{!takesText && error !== null && (
					<p role="alert" className="text-bad">
						{error}
					</p>
				)}
			</DialogBody>
			<DialogFooter>
				<Button onClick={onCancel}>Cancel</Button>
				{takesText && (
					<Button
						type="submit"
						variant="primary"
						busy={busy}
						disabledReason={typed.trim() === '' ? emptyWords(begun) : undefined}
					>
						{busy ? `Checking with ${providerName}…` : 'Connect'}
					</Button>
				)}
			</DialogFooter>
		</form>
	);
}

/** The step before had the focus and is gone. */
function takeFocus(node: HTMLElement | null): void {
	node?.focus();
}

function emptyWords({ method }: InitiatedOAuth): string {
	return method === 'code' ? 'Paste the code first.' : 'Paste the address first, if the page did not load.';
}

function ProviderPage({ providerName, begun }: { providerName: string; begun: InitiatedOAuth }) {
	const words =
		begun.userCode !== undefined
			? `Open ${providerName}’s page in any browser, sign in and enter this code.`
			: begun.method === 'code'
				? `Open ${providerName}’s page, sign in, and bring back the code that it shows.`
				: `Open ${providerName}’s page and sign in.`;
	return (
		<div className="flex flex-col items-start gap-3">
			<p>{words}</p>
			<Button href={begun.url} external icon={<ExternalLink size={16} aria-hidden />} className="max-w-full">
				<span className="truncate">Open {providerName}’s page</span>
			</Button>
		</div>
	);
}

function UserCode({ code }: { code: string }) {
	return (
		<div className="flex flex-wrap items-center gap-3 rounded-md border border-line bg-sunken px-4 py-3">
			<code className="font-mono text-2xl font-semibold tracking-widest break-all" translate="no">
				{code}
			</code>
			<CopyButton text={code} label="Copy code" size="md" />
		</div>
	);
}

type TextProps = { begun: InitiatedOAuth; typed: string; error: string | null; onType: (typed: string) => void };

function TextField({ begun, typed, error, onType }: TextProps) {
	const isCode = begun.method === 'code';
	return (
		<Field
			label={isCode ? 'Code' : 'Address of the page that did not load'}
			optional={!isCode && isOnServer(location.hostname)}
			error={error}
			hint={isCode ? undefined : <AddressHint begun={begun} />}
		>
			<Input
				mono
				value={typed}
				onChange={(event) => onType(event.target.value)}
				autoComplete="off"
				spellCheck={false}
				autoCapitalize="off"
			/>
		</Field>
	);
}

/** Said before the person leaves for the provider's page, so that its last page is no surprise. */
function AddressHint({ begun }: { begun: InitiatedOAuth }) {
	const begins = <span className="font-mono break-all">{begun.redirectsTo}</span>;
	if (isOnServer(location.hostname))
		return <>If the last page does not load, copy its address and paste it here. It begins with {begins}</>;
	return (
		<>
			The last page will not load, since it leads to the server’s own machine. Copy its address and paste it here. It
			begins with {begins}
		</>
	);
}

function Clock({ expiresAt, waiting }: { expiresAt: string; waiting: boolean }) {
	const now = useNow(true);
	const left = now === null ? '' : `${countdown(Date.parse(expiresAt) - now)} left`;
	return (
		<p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft">
			{waiting && <Spinner label="Waiting for authorization…" />}
			<span role="timer" className="tabular text-sm text-ink-faint">
				{left}
			</span>
		</p>
	);
}
