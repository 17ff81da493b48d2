import { useEffect, useState } from 'react';

interface Draft {
	text: string;
	setText: (text: string) => void;
	/** Empties the field while `text` is on its way; the stored copy stays until `forget`. */
	hold: () => void;
	/** The text has arrived: drops the stored copy, unless something else was typed meanwhile. */
	forget: (text: string) => void;
	/** The text did not arrive: puts it back, before what was typed meanwhile. */
	putBack: (text: string) => void;
}

/** What a person has typed and not sent, kept over a reload of the page in this tab. */
export function useDraft(key: string): Draft {
	const [text, show] = useState('');

	// Storage exists in the browser only: reading it after the first paint keeps the server's page and ours equal.
	useEffect(() => {
		show((typed) => (typed === '' ? (sessionStorage.getItem(key) ?? '') : typed));
	}, [key]);

	const setText = (next: string) => {
		show(next);
		sessionStorage.setItem(key, next);
	};
	return {
		text,
		setText,
		hold: () => show(''),
		forget: (sent) => {
			if (sessionStorage.getItem(key)?.trim() === sent) sessionStorage.removeItem(key);
		},
		putBack: (unsent) => {
			const stored = sessionStorage.getItem(key) ?? '';
			setText(stored === '' || stored.trim() === unsent ? unsent : `${unsent}\n\n${stored}`);
		},
	};
}
