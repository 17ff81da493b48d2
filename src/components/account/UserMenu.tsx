import { actions } from 'astro:actions';
import { LogOut, type LucideIcon, Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { callAction } from '../ui/callAction.ts';
import { Menu, type MenuItem } from '../ui/Menu.tsx';
import { toast } from '../ui/toast.ts';

type Theme = 'system' | 'light' | 'dark';
type Props = {
	name: string;
	role: string /** What the cookie says; anything else counts as `system`. */;
	theme: string;
};

const THEMES: { theme: Theme; label: string; Icon: LucideIcon }[] = [
	{ theme: 'system', label: 'System theme', Icon: Monitor },
	{ theme: 'light', label: 'Light theme', Icon: Sun },
	{ theme: 'dark', label: 'Dark theme', Icon: Moon },
];

export function UserMenu({ name, role, theme }: Props) {
	const [chosen, setChosen] = useState<string>(theme);
	const choose = (next: Theme) => {
		setChosen(next);
		applyTheme(next);
	};
	const themes: MenuItem[] = THEMES.map(({ theme: value, label, Icon }) => ({
		label,
		icon: <Icon size={14} aria-hidden />,
		checked: value === chosen,
		onSelect: () => choose(value),
	}));
	return (
		<Menu
			trigger={
				<button
					type="button"
					className="inline-flex size-8 shrink-0 items-center justify-center rounded-full border border-line bg-sunken text-xs font-semibold text-ink-soft transition-colors hover:text-ink data-popup-open:text-ink"
				>
					<span aria-hidden>{name.slice(0, 2).toUpperCase()}</span>
					<span className="sr-only">Account of {name}</span>
				</button>
			}
			header={
				<div className="border-b border-line px-2 pt-1 pb-2">
					<p className="max-w-56 truncate font-medium">{name}</p>
					<p className="text-xs text-ink-faint">{role === 'admin' ? 'Admin' : 'Member'}</p>
				</div>
			}
			items={[
				...themes,
				{ kind: 'separator' },
				{ label: 'Sign out', icon: <LogOut size={14} aria-hidden />, onSelect: signOut },
			]}
		/>
	);
}

/** The cookie lets the server write the right theme into the next page; a year is as long as browsers keep it. */
function applyTheme(theme: Theme): void {
	const root = document.documentElement;
	if (theme === 'system') delete root.dataset['theme'];
	else root.dataset['theme'] = theme;
	const age = theme === 'system' ? 0 : 31_536_000;
	// biome-ignore lint/suspicious/noDocumentCookie: the cookie store API is missing on plain http
	document.cookie = `doce_theme=${theme}; path=/; max-age=${age}; samesite=lax`;
}

async function signOut(): Promise<void> {
	const result = await callAction(actions.users.signOut());
	if (result.ok) location.assign('/signin');
	else toast.bad('You are still signed in', result.message);
}
