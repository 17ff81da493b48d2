import type { ReactNode } from 'react';
import { LoadFailure } from './LoadFailure.tsx';
import { Skeleton } from './Skeleton.tsx';
import type { Loaded } from './useLoaded.ts';

type Props<T> = {
	loaded: Pick<Loaded<T>, 'data' | 'error' | 'reload'>;
	/** Classes that give the placeholder the size of what comes. */
	skeleton: string;
	children: (data: T) => ReactNode;
};

/** What was loaded, once it is there; before that its place, or why it is not there. */
export function WhenLoaded<T>({ loaded, skeleton, children }: Props<T>) {
	const { data, error, reload } = loaded;
	if (data !== null) return children(data);
	return error === null ? <Skeleton className={skeleton} /> : <LoadFailure error={error} onRetry={reload} />;
}
