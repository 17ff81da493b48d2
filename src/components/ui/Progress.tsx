import { Progress as Base } from '@base-ui/react/progress';

type Props = {
	label: string /** 0 to `max`; null while the end is not known. */;
	value: number | null;
	max?: number /** Such as "3 of 4 projects". */;
	text?: string;
};

export function Progress({ label, value, max = 100, text }: Props) {
	return (
		<Base.Root value={value} max={max} getAriaValueText={() => text ?? label} className="flex flex-col gap-1.5">
			<div className="flex justify-between gap-3 text-sm">
				<Base.Label>{label}</Base.Label>
				{text && <span className="tabular text-ink-faint">{text}</span>}
			</div>
			<Base.Track className="h-1.5 overflow-hidden rounded-full bg-sunken">
				<Base.Indicator className="h-full rounded-full bg-accent transition-[width] data-indeterminate:w-1/4 data-indeterminate:animate-slide motion-reduce:animate-none" />
			</Base.Track>
		</Base.Root>
	);
}
