import { ExternalLink, Monitor, RotateCw, Smartphone, Tablet } from 'lucide-react';
import { useState } from 'react';
import { cx } from '../../ui/cx.ts';
import { IconButton } from '../../ui/IconButton.tsx';

type Props = {
	/** The project's name, for the frame's title. */
	name: string;
	previewUrl: string;
	/** Resolves to an address whose token is fresh. */
	freshUrl: () => Promise<string>;
	onOpen: () => void;
};

const WIDTHS = [
	{ key: 'desktop', label: 'Full width', px: null, Icon: Monitor },
	{ key: 'tablet', label: 'Tablet, 768 px', px: 768, Icon: Tablet },
	{ key: 'phone', label: 'Phone, 390 px', px: 390, Icon: Smartphone },
] as const;

/**
 * The running site in a frame. The frame keeps the address it was opened with: a newer token must not reload it
 * under the person's hands.
 */
export function Preview({ name, previewUrl, freshUrl, onOpen }: Props) {
	const [frame, setFrame] = useState({ url: previewUrl, round: 0 });
	const [width, setWidth] = useState<(typeof WIDTHS)[number]>(WIDTHS[0]);
	const reload = async () => {
		const url = await freshUrl();
		setFrame((before) => ({ url, round: before.round + 1 }));
	};
	return (
		<div className="flex h-full min-h-0 flex-col">
			<div className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2">
				<IconButton label="Reload" size="sm" icon={<RotateCw size={14} aria-hidden />} onClick={() => void reload()} />
				<p className="min-w-0 flex-1 truncate rounded-md bg-sunken px-2.5 py-1 font-mono text-xs text-ink-soft">
					{addressOf(frame.url)}
				</p>
				<fieldset className="flex max-sm:hidden">
					<legend className="sr-only">Width of the preview</legend>
					{WIDTHS.map((choice) => (
						<IconButton
							key={choice.key}
							label={choice.label}
							size="sm"
							aria-pressed={choice === width}
							icon={<choice.Icon size={14} aria-hidden />}
							onClick={() => setWidth(choice)}
						/>
					))}
				</fieldset>
				<IconButton
					label="Open in a new tab"
					size="sm"
					icon={<ExternalLink size={14} aria-hidden />}
					onClick={onOpen}
				/>
			</div>
			<div className="min-h-0 flex-1 overflow-x-auto bg-sunken">
				<iframe
					key={frame.round}
					src={frame.url}
					title={`Preview of ${name}`}
					sandbox="allow-scripts allow-forms allow-popups allow-modals allow-same-origin"
					style={width.px === null ? undefined : { width: `${width.px}px` }}
					className={cx('h-full bg-[white]', width.px === null ? 'w-full' : 'mx-auto block border-x border-line')}
				/>
			</div>
		</div>
	);
}

/** The address as a person says it: without the token. */
function addressOf(url: string): string {
	const { host, pathname } = new URL(url);
	return `${host}${pathname}`;
}
