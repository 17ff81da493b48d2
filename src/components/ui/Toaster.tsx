import { Toast } from '@base-ui/react/toast';
import { CircleCheck, CircleX, X } from 'lucide-react';
import { IconButton } from './IconButton.tsx';
import { toastManager } from './toast.ts';

/** Where toasts appear; once per page, in the layout. */
export function Toaster() {
	return (
		<Toast.Provider toastManager={toastManager} limit={3}>
			<Toast.Portal>
				<Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[calc(100vw-2rem)] flex-col gap-2 sm:w-88">
					<ToastList />
				</Toast.Viewport>
			</Toast.Portal>
		</Toast.Provider>
	);
}

function ToastList() {
	const { toasts } = Toast.useToastManager();
	return toasts.map((entry) => (
		<Toast.Root
			key={entry.id}
			toast={entry}
			className="rounded-md border border-line bg-raised text-ink shadow-raised transition-opacity data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0"
		>
			<Toast.Content className="flex items-start gap-2.5 py-2.5 pr-2 pl-3">
				{entry.type === 'bad' ? (
					<CircleX size={16} aria-hidden className="mt-0.5 shrink-0 text-bad" />
				) : (
					<CircleCheck size={16} aria-hidden className="mt-0.5 shrink-0 text-ok" />
				)}
				<div className="min-w-0 flex-1">
					<Toast.Title className="font-medium" />
					<Toast.Description className="mt-0.5 text-sm text-ink-soft" />
				</div>
				<Toast.Close render={<IconButton label="Dismiss" size="sm" quiet icon={<X size={14} aria-hidden />} />} />
			</Toast.Content>
		</Toast.Root>
	));
}
