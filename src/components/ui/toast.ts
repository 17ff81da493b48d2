import { Toast } from '@base-ui/react/toast';

/** One manager for all islands of a page; the layout's Toaster shows what is added. */
export const toastManager = Toast.createToastManager();

/** Tells the person that something they did is done, or was not. Failures of a form belong into the form instead. */
export const toast = {
	ok: (title: string, description?: string) => toastManager.add({ title, description, type: 'ok' }),
	bad: (title: string, description?: string) =>
		toastManager.add({ title, description, type: 'bad', priority: 'high', timeout: 10_000 }),
};
