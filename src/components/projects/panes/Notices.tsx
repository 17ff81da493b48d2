import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { limitWords, type ReachedLimit } from '#shared/limits.ts';
import type { Notice } from '#shared/projects.ts';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';

type Props = {
	notices: Notice[];
	onRetry: () => void;
	onStart: () => void;
	onReturn: () => void;
	onBudget: () => void;
	onRaise: (reached: ReachedLimit) => void;
	onDismissLimit: () => void;
};

const LEVELS = {
	info: { look: 'bg-busy-soft text-busy', Icon: Info },
	warn: { look: 'bg-warn-soft text-warn', Icon: TriangleAlert },
	error: { look: 'bg-bad-soft text-bad', Icon: CircleAlert },
};

/** What the person should know about the project, each with the one button that mends it. */
export function Notices({ notices, onRetry, onStart, onReturn, onBudget, onRaise, onDismissLimit }: Props) {
	return (
		<div aria-live="polite">
			{notices.map((notice) => {
				const { look, Icon } = LEVELS[notice.level];
				return (
					<div
						key={`${notice.level} ${notice.message}`}
						className={cx(
							'flex min-h-11 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-1.5',
							look,
						)}
					>
						<Icon size={16} aria-hidden className="shrink-0" />
						<p className="min-w-0 flex-1 basis-48">{notice.message}</p>
						{notice.action === 'settings' && (
							<Button size="sm" href="/settings">
								Open Settings
							</Button>
						)}
						{notice.action === 'retry' && (
							<Button size="sm" onClick={onRetry}>
								Retry
							</Button>
						)}
						{notice.action === 'return' && (
							<Button size="sm" onClick={onReturn}>
								Return now
							</Button>
						)}
						{notice.action === 'budget' && (
							<Button size="sm" onClick={onBudget}>
								Change budget
							</Button>
						)}
						{notice.reached && (
							<Reached
								of={notice.reached}
								isStopped={notice.level === 'error'}
								onRaise={onRaise}
								onDismiss={onDismissLimit}
							/>
						)}
						{notice.action === 'start' && (
							<Button size="sm" onClick={onStart}>
								Start
							</Button>
						)}
					</div>
				);
			})}
		</div>
	);
}

type ReachedProps = { of: ReachedLimit; isStopped: boolean; onRaise: Props['onRaise']; onDismiss: () => void };

function Reached({ of, isStopped, onRaise, onDismiss }: ReachedProps) {
	const { limit, raiseTo } = of;
	return (
		<>
			{raiseTo !== null && (
				<Button size="sm" onClick={() => onRaise(of)}>
					Raise to {limitWords(limit, raiseTo)}
					{isStopped && ' and start again'}
				</Button>
			)}
			<Button size="sm" onClick={onDismiss}>
				Dismiss
			</Button>
		</>
	);
}
