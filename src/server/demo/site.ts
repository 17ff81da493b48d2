import { z } from 'zod';

export const KINDS = [
	'bakery',
	'cafe',
	'restaurant',
	'shop',
	'portfolio',
	'studio',
	'agency',
	'blog',
	'event',
	'wedding',
	'clinic',
	'gym',
	'product',
	'nonprofit',
	'general',
] as const;
export type Kind = (typeof KINDS)[number];

/** Every section a page can have, in the order in which a page shows them. */
export const SECTION_TYPES = [
	'features',
	'menu',
	'schedule',
	'gallery',
	'story',
	'pricing',
	'testimonials',
	'team',
	'posts',
	'faq',
	'hours',
	'contact',
] as const;
export type SectionType = (typeof SECTION_TYPES)[number];

export const STYLES = ['hearth', 'editorial', 'studio', 'product', 'poster', 'garden'] as const;
export type Style = (typeof STYLES)[number];

export const PALETTES = [
	'terracotta',
	'cocoa',
	'orange',
	'sun',
	'sage',
	'forest',
	'teal',
	'ocean',
	'navy',
	'lavender',
	'plum',
	'rose',
	'crimson',
	'mono',
] as const;
export type Palette = (typeof PALETTES)[number];

const item = z.object({
	title: z.string(),
	text: z.string().optional(),
	note: z.string().optional(),
	list: z.array(z.string()).optional(),
	href: z.string().optional(),
});
export type Item = z.infer<typeof item>;

const section = z.object({
	type: z.enum(SECTION_TYPES),
	label: z.string(),
	title: z.string(),
	intro: z.string(),
	items: z.array(item),
});
export type Section = z.infer<typeof section>;

const look = z.object({
	style: z.enum(STYLES),
	palette: z.enum(PALETTES),
	mode: z.enum(['light', 'dark']),
	/** A colour the person named exactly; it takes the palette's place. */
	accent: z
		.string()
		.regex(/^#[0-9a-f]{6}$/)
		.optional(),
});
export type Look = z.infer<typeof look>;

const link = z.object({ label: z.string(), href: z.string() });

const about = z.object({ title: z.string(), paragraphs: z.array(z.string()) });
export type About = z.infer<typeof about>;

/** All that the script knows about a site. It is kept as `src/site.json` in the project, so any later turn can read it. */
const site = z.object({
	madeBy: z.string(),
	name: z.string().min(1),
	kind: z.enum(KINDS),
	place: z.string().optional(),
	description: z.string(),
	look,
	hero: z.object({ eyebrow: z.string(), headline: z.string(), text: z.string(), actions: z.array(link) }),
	sections: z.array(section),
	about: about.optional(),
	footer: z.string(),
});
export type Site = z.infer<typeof site>;

/** The text of `src/site.json`. */
export function siteJson(value: Site): string {
	return `${JSON.stringify(value, null, '\t')}\n`;
}

/** The site in the text of `src/site.json`; undefined when it is not one the script can work with. */
export function parseSite(text: string): Site | undefined {
	const json = parseJson(text);
	const parsed = site.safeParse(json);
	return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
