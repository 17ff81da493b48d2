import type { About, Item, Look, Section, SectionType, Site } from '../site.ts';
import { SECTION_TYPES } from '../site.ts';
import type { Brief } from '../wishes/brief.ts';
import { KIND_COPY, sectionCopy } from './copy.ts';

/** A whole site from a brief: the person's own words where they gave any, placeholders elsewhere. */
export function composeSite(brief: Brief): Site {
	const copy = KIND_COPY[brief.kind];
	const name = brief.name ?? (brief.kind === 'general' ? titled(brief.subject ?? copy.name) : copy.name);
	const say = speaker({ name, place: brief.place, subject: brief.subject });
	const types = chooseSections(copy.sections, brief);
	const text = say(copy.text);
	const site: Site = {
		madeBy: 'the scripted demo of doce',
		name,
		kind: brief.kind,
		...(brief.place && { place: brief.place }),
		description: text,
		look: chooseLook(brief),
		hero: {
			eyebrow: say(copy.eyebrow),
			headline: say(pick(copy.headlines, brief.seed)),
			text,
			actions: copy.actions
				.filter(([, type]) => types.includes(type))
				.map(([label, type]) => ({ label, href: `#${type}` })),
		},
		sections: [],
		footer: brief.place ? `Made in ${brief.place}.` : 'Made with care.',
	};
	const sections = types.map((type) => composeSection(type, site));
	return { ...site, sections, ...(brief.about && { about: composeAbout(site) }) };
}

/** A section in the words of the site's kind. */
export function composeSection(type: SectionType, site: Site): Section {
	const say = speaker(site);
	const copy = sectionCopy(type, site.kind);
	const items = type === 'contact' ? contactItems(site) : copy.items;
	return {
		...copy,
		title: say(copy.title),
		intro: say(copy.intro),
		items: items.map((item) => ({ ...item, ...(item.text && { text: say(item.text) }) })),
	};
}

export function composeAbout(site: Site): About {
	const say = speaker(site);
	return { title: `About ${site.name}`, paragraphs: KIND_COPY[site.kind].about.map(say) };
}

/** The sections with one more, where it stands in page order. */
export function withSection(sections: Section[], section: Section): Section[] {
	const rank = (type: SectionType) => SECTION_TYPES.indexOf(type);
	const at = sections.findIndex(({ type }) => rank(type) > rank(section.type));
	return at < 0 ? [...sections, section] : sections.toSpliced(at, 0, section);
}

function chooseSections(usual: SectionType[], brief: Brief): SectionType[] {
	const added = brief.wanted.filter((type) => !usual.includes(type));
	const types = [...usual, ...added].filter((type) => !brief.unwanted.includes(type));
	if (added.length === 0) return types;
	const last = types.filter((type) => type === 'contact');
	return [...types.filter((type) => type !== 'contact'), ...last];
}

function chooseLook({ kind, look, seed }: Brief): Look {
	const { styles, palettes } = KIND_COPY[kind];
	return {
		style: pick(styles, seed),
		palette: pick(palettes, seed >>> 4),
		mode: kind === 'event' ? 'dark' : 'light',
		...look,
	};
}

function contactItems({ name, place }: Site): Item[] {
	const slug = name
		.normalize('NFD')
		.toLowerCase()
		.replace(/\p{M}/gu, '')
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-|-$/g, '');
	const email = `hello@${slug || 'site'}.example`;
	return [
		{ title: 'Email', text: email, href: `mailto:${email}` },
		{ title: 'Phone', text: '000 000 0000', href: 'tel:0000000000' },
		{ title: 'Address', text: place ? `1 Example Street, ${place}` : '1 Example Street' },
	];
}

/** Puts the person's own words in the place of `{name}`, `{place}` and `{subject}`. */
function speaker(words: {
	name: string;
	place?: string | undefined;
	subject?: string | undefined;
}): (text: string) => string {
	return (text) =>
		text
			.replace(/ · \{place\}$/, words.place ? ` · ${words.place}` : '')
			.replaceAll('{place}', words.place ?? 'town')
			.replace(/^\{subject\}/, capital(words.subject ?? 'One good thing'))
			.replaceAll('{subject}', words.subject ?? 'small things')
			.replaceAll('{name}', words.name);
}

function pick<Value>(values: readonly Value[], seed: number): Value {
	const value = values[seed % values.length];
	if (value === undefined) throw new Error('There is nothing to pick from.');
	return value;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

function titled(text: string): string {
	return text.split(' ').map(capital).join(' ');
}
