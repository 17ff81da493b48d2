import { cx } from './cx.ts';
import { providerIcon } from './providerIcons.ts';

type Props = { providerId: string; name: string /** In px. */; size?: number; className?: string };

/** A provider's logo in the colour of the text, or its initials; decoration beside the name, so hidden from screen readers. */
export function ProviderLogo({ providerId, name, size = 20, className }: Props) {
	const icon = providerIcon(providerId);
	const box = { width: size, height: size };
	if (icon === undefined) {
		return (
			<span
				aria-hidden
				style={{ ...box, fontSize: Math.max(8, size * 0.42) }}
				className={cx(
					'inline-flex shrink-0 items-center justify-center rounded-sm bg-sunken leading-none font-semibold text-ink-soft',
					className,
				)}
			>
				{initials(name)}
			</span>
		);
	}
	const mask = `url("${icon}") center / contain no-repeat`;
	return <span aria-hidden style={{ ...box, mask }} className={cx('inline-block shrink-0 bg-current', className)} />;
}

function initials(name: string): string {
	const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
	const letters = words.length > 1 ? words.slice(0, 2).map((word) => word.slice(0, 1)) : [name.slice(0, 2)];
	return letters.join('').toUpperCase();
}
