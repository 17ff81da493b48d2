import { CircleX } from 'lucide-react';
import { Button } from './Button.tsx';
import { EmptyState } from './EmptyState.tsx';

type Props = { error: string; onRetry: () => void };

/** Stands where something should have been that could not be loaded. */
export function LoadFailure({ error, onRetry }: Props) {
	return (
		<div role="alert">
			<EmptyState
				icon={<CircleX size={24} aria-hidden className="text-bad" />}
				title="This could not be loaded"
				action={<Button onClick={onRetry}>Retry</Button>}
			>
				{error}
			</EmptyState>
		</div>
	);
}
