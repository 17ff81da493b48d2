import type { LucideIcon } from 'lucide-react';
import {
	ArrowLeftRight,
	CirclePause,
	FlaskConical,
	History,
	KeyRound,
	Pencil,
	Plug,
	RefreshCw,
	Send,
	Unplug,
	Users,
	Wallet,
} from 'lucide-react';
import { AUDIT_KINDS, type AuditEntryView, type AuditKind } from '#shared/audit.ts';
import { usdWords } from '#shared/usage.ts';

type Words = string | ((detail: AuditEntryView['detail']) => string);

/** What is said of each action; one that is not here shows its name. */
const SENTENCES: Record<string, Words> = {
	'connection.connected': ({ tested }) => (tested === false ? 'Connected without a test' : 'Connected'),
	'connection.imported': ({ from }) => `Moved in${typeof from === 'string' ? ` from ${from}` : ''}`,
	'connection.tested': ({ ok, reason }) => (ok === true ? 'Tested: it works' : `Tested: ${reasonWords(reason)}`),
	'connection.updated': ({ keyReplaced, renamed }) => editWords(keyReplaced === true, renamed === true),
	'connection.activated': 'Made the account in use',
	'connection.statusChanged': ({ status, reason }) =>
		status === 'connected' && reason == null ? 'Works again' : `Stopped working: ${reasonWords(reason ?? status)}`,
	'connection.signedIn': 'Signed in',
	'connection.signInEnded': 'The sign-in ended',
	'connection.renewed': 'Sign-in renewed',
	'connection.refreshed': 'Configuration read again',
	'connection.migrated': 'Upgraded from the key of the earlier version',
	'credential.renewed': 'Renewed sign-in brought to a project',
	'credential.returned': 'The project returned to its own provider',
	'legacyKey.forgotten': 'The key of the earlier version removed',
	'settings.fallback': ({ mode }) =>
		`When a provider fails: ${mode === 'off' ? 'wait' : mode === 'ask' ? 'ask' : 'go on with the next'}`,
	'settings.connectionOrder': 'Order of connections changed',
	'project.fallback': 'What a project does when its provider fails was changed',
	'person.imported': 'Came over from the earlier version',
	'project.imported': 'A project came over from the earlier version',
	'legacy.imported': 'Imported from the earlier version',
	'legacy.keysRemoved': 'Plain keys removed from the old files',
	'connection.disconnected': 'Disconnected',
	'credential.delivered': 'Credential delivered to a project',
	'credential.removed': 'Credential removed from a project',
	'credential.used': 'Used for a prompt',
	'credential.fallback': 'A prompt went on with another provider',
	'credential.parked': 'A prompt waits for this connection',
	'credential.resumed': 'A waiting prompt went on',
	'settings.preferredProvider': ({ providerId }) =>
		typeof providerId === 'string' ? `Default provider set to ${providerId}` : 'Default provider unset',
	'budget.set': ({ limitUsd, period }) => `Budget set: ${amountWords(limitUsd)} a ${String(period)}`,
	'budget.removed': 'Budget removed',
	'budget.warned': ({ spentUsd, limitUsd }) =>
		`Budget nearly used: ${amountWords(spentUsd)} of ${amountWords(limitUsd)}`,
	'budget.stopped': 'A prompt waits: the budget is used up',
	'project.exported': 'Site downloaded',
	'project.limits': 'What a project may use was changed',
	'settings.runtime': 'Settings of the runtime changed',
};

/** What happened, in one plain sentence. */
export function auditSentence({ action, detail }: Pick<AuditEntryView, 'action' | 'detail'>): string {
	const words = SENTENCES[action];
	return typeof words === 'function' ? words(detail) : (words ?? action);
}

function amountWords(usd: unknown): string {
	return typeof usd === 'number' ? usdWords(usd) : 'an amount';
}

const REASONS: Record<string, string> = {
	key_rejected: 'key rejected',
	sign_in_expired: 'sign-in expired',
	expired: 'sign-in expired',
	out_of_credit: 'out of credit',
	rate_limited: 'rate limited',
	unreachable: 'unreachable',
	not_tested: 'it could not be tested',
	locked: 'locked',
	disconnected: 'disabled',
	revoked: 'disabled',
};

function reasonWords(reason: unknown): string {
	return REASONS[String(reason)] ?? 'it does not work';
}

function editWords(keyReplaced: boolean, renamed: boolean): string {
	if (keyReplaced) return renamed ? 'Key replaced, and renamed' : 'Key replaced';
	return renamed ? 'Renamed' : 'Edited';
}

export const KIND_WORDS: Record<AuditKind, string> = {
	connect: 'Connected',
	test: 'Tests and status',
	edit: 'Edited',
	deliver: 'Delivered and removed',
	refresh: 'Sign-in renewed',
	use: 'Used',
	fallback: 'Fallback',
	park: 'Waiting prompts',
	disconnect: 'Disconnected',
	budget: 'Budgets',
	people: 'People',
};

const KIND_ICONS: Record<AuditKind, LucideIcon> = {
	connect: Plug,
	test: FlaskConical,
	edit: Pencil,
	deliver: KeyRound,
	refresh: RefreshCw,
	use: Send,
	fallback: ArrowLeftRight,
	park: CirclePause,
	disconnect: Unplug,
	budget: Wallet,
	people: Users,
};

export function auditIcon(action: string): LucideIcon {
	const kinds = Object.entries(AUDIT_KINDS) as [AuditKind, readonly string[]][];
	const kind = kinds.find(([, actions]) => actions.includes(action))?.[0];
	return kind === undefined ? History : KIND_ICONS[kind];
}
