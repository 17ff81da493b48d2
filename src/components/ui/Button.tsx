import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react';
import { cx } from './cx.ts';
import { Spinner } from './Spinner.tsx';
import { Tooltip } from './Tooltip.tsx';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md' | 'lg';

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
	variant?: ButtonVariant | undefined;
	size?: ButtonSize | undefined;
	icon?: ReactNode;
	/** Shows a spinner and refuses clicks; change the words too, so that they say what is waited for. */
	busy?: boolean | undefined;
	/** Why the button does nothing now: shown on hover and focus, and read out. */
	disabledReason?: string | undefined;
	/** Makes it a link that looks like a button. */
	href?: string | undefined;
	/** With `href`: opens another tab. */
	external?: boolean | undefined;
	ref?: Ref<HTMLButtonElement> | undefined;
};

const VARIANTS: Record<ButtonVariant, string> = {
	primary: 'bg-accent text-accent-ink border-transparent hover:bg-accent-hover',
	secondary: 'bg-raised text-ink border-line hover:bg-sunken',
	ghost: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink',
	danger: 'bg-bad-fill text-accent-ink border-transparent hover:brightness-92',
};

const SIZES: Record<ButtonSize, string> = {
	sm: 'h-7 gap-1.5 px-2.5 text-sm',
	md: 'h-9 gap-2 px-3.5 text-base',
	lg: 'h-10 gap-2 px-4 text-base',
};

const SHAPE =
	'inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap select-none transition-colors aria-disabled:opacity-55 aria-disabled:cursor-default disabled:opacity-55';

export function Button({ variant = 'secondary', size = 'md', className, href, external, ...rest }: Props) {
	const look = cx(SHAPE, VARIANTS[variant], SIZES[size], className);
	if (href === undefined) return <RealButton {...rest} className={look} />;
	return (
		<a href={href} className={look} {...(external ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>
			{rest.icon}
			{rest.children}
		</a>
	);
}

function RealButton({ icon, busy, disabledReason, children, onClick, type = 'button', ...rest }: Props) {
	const inert = busy || disabledReason !== undefined;
	const click = (event: MouseEvent<HTMLButtonElement>) => {
		if (inert) event.preventDefault();
		else onClick?.(event);
	};
	const button = (
		<button {...rest} type={type} onClick={click} aria-disabled={inert || undefined} aria-busy={busy || undefined}>
			{busy ? <Spinner /> : icon}
			{children}
		</button>
	);
	return disabledReason === undefined ? button : <Tooltip label={disabledReason}>{button}</Tooltip>;
}
