import type { Item, Palette, Section, SectionType, Style } from '../site.ts';

type SectionCopy = Omit<Section, 'type'>;

/**
 * The words for one kind of site. `{name}`, `{place}` and `{subject}` stand for the person's own;
 * everything else is a placeholder that the final message says is one.
 */
export type KindCopy = {
	/** The name when the person gave none. */
	name: string;
	eyebrow: string;
	/** Equally good headlines; the prompt picks one. */
	headlines: string[];
	text: string;
	actions: [label: string, section: SectionType][];
	sections: SectionType[];
	styles: Style[];
	palettes: Palette[];
	/** Where this kind has better words than the general ones. */
	own: Partial<Record<SectionType, SectionCopy>>;
	about: string[];
};

/** A section's words in one line each: label for the navigation, title, introduction, items. */
export function words(label: string, title: string, intro: string, items: Item[]): SectionCopy {
	return { label, title, intro, items };
}

export function row(title: string, text?: string, note?: string, list?: string[]): Item {
	return { title, ...(text && { text }), ...(note && { note }), ...(list && { list }) };
}
