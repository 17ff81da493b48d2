import { composeSection } from '../copy/compose.ts';
import type { Item, Site } from '../site.ts';
import { clean } from './brief.ts';
import { findSections, sectionName } from './words.ts';

/** What became of a change request: the new site, and a sentence for each thing that was, or could not be, done. */
export type Changed = { site: Site; done: string[]; missed: string[] };

/** One rule: reads its wish from the words, and gives back the words it has not understood. */
export type Rule = (words: string, site: Site) => (Changed & { rest: string }) | undefined;

/** Words in quotes, or up to the end of the wish. */
const NEXT_WISH = String.raw`(?:[.;,!]|,? and|, then) (?:then |also |please )?(?:make|add|remove|delete|change|use|set|switch|replace|call|put)\b`;
const VALUE = `(?:"([^"]+)"|'([^']+)'|(.+?)(?=[.!]?$|${NEXT_WISH}))`;

function valueAfter(words: string, lead: string): { lead: string; value: string; rest: string } | undefined {
	const found = new RegExp(`(${lead})${VALUE}`, 'i').exec(words);
	const value = (found?.[2] ?? found?.[3] ?? found?.[4])?.trim();
	return found?.[1] && value ? { lead: found[1], value, rest: words.replace(found[0], ' ') } : undefined;
}

export const replaceText: Rule = (words, site) => {
	const found =
		/\b(?:replace|change|swap) "([^"]+)" (?:with|by|to|for) "([^"]+)"/i.exec(words) ??
		/\breplace (.+?) (?:with|by) (.+?)[.!]?$/i.exec(words);
	const [whole, from, to] = found ?? [];
	if (!whole || !from || !to) return undefined;
	const [old, fresh] = [from, to].map((text) => text.replace(/^["']|["']$/g, '')) as [string, string];
	const next = mapStrings(site, (text) => text.replaceAll(old, fresh));
	const same = JSON.stringify(next) === JSON.stringify(site);
	return {
		site: next,
		done: same ? [] : [`replaced “${old}” with “${fresh}”`],
		missed: same ? [`the words “${old}” are not on the page, so there was nothing to replace`] : [],
		rest: words.replace(whole, ' '),
	};
};

export const newHeadline: Rule = (words, site) => {
	const found = valueAfter(
		words,
		String.raw`\b(?:headline|heading|main title|hero title|title)\b[^"]*?(?:\bto\b|\bsay(?:s|ing)?\b|\breads?\b|:|\binto\b)[\s:]*`,
	);
	if (!found) return undefined;
	const about = words.slice(0, words.indexOf(found.lead) + found.lead.length);
	const type = findSections(about).find((name) => site.sections.some((section) => section.type === name));
	if (type) {
		const sections = site.sections.map((section) =>
			section.type === type ? { ...section, title: found.value } : section,
		);
		return {
			site: { ...site, sections },
			done: [`the ${sectionName(type)} section is now headed “${found.value}”`],
			missed: [],
			rest: found.rest,
		};
	}
	const hero = { ...site.hero, headline: found.value };
	return { site: { ...site, hero }, done: [`the headline is now “${found.value}”`], missed: [], rest: found.rest };
};

export const newText: Rule = (words, site) => {
	const found = valueAfter(
		words,
		String.raw`\b(?:sub-?title|tagline|slogan|sub-?headline|intro(?:duction)?(?: text)?|hero text)\b[^"]*?(?:\bto\b|\bsay\b|:)[\s:]*`,
	);
	if (!found) return undefined;
	const hero = { ...site.hero, text: found.value };
	return {
		site: { ...site, hero, description: found.value },
		done: ['the introduction is new'],
		missed: [],
		rest: found.rest,
	};
};

export const newName: Rule = (words, site) => {
	const found =
		valueAfter(words, String.raw`\b(?:name|brand)\b[^"]*?(?:\bto\b|\bis\b|:)[\s:]*`) ??
		valueAfter(words, String.raw`\b(?:rename|call) (?:it|us|this|the [\w-]+)(?: to)?\s*`);
	const name = found && clean(found.value);
	if (!found || !name) return undefined;
	const next = { ...mapStrings(site, (text) => text.replaceAll(site.name, name)), name };
	return { site: next, done: [`the site is called ${name} now`], missed: [], rest: found.rest };
};

export const newContact: Rule = (words, site) => {
	const found = /\b(e-?mail|phone|telephone|address)\b[^"]*?(?:\bto\b|\bis\b|:)[\s:]*/i.exec(words);
	const given = found && valueAfter(words, found[0].replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	if (!found || !given) return undefined;
	const kind = found[1]?.toLowerCase() ?? '';
	const title = kind.endsWith('mail') ? 'Email' : kind === 'address' ? 'Address' : 'Phone';
	const item: Item = { title, text: given.value, ...hrefOf(title, given.value) };
	const contact = site.sections.find(({ type }) => type === 'contact') ?? composeSection('contact', site);
	const items = contact.items.map((old) => (old.title === title ? item : old));
	const others = site.sections.filter(({ type }) => type !== 'contact');
	return {
		site: { ...site, sections: [...others, { ...contact, items }] },
		done: [`the ${title.toLowerCase()} is ${given.value} now`],
		missed: [],
		rest: given.rest,
	};
};

export const newItem: Rule = (words, site) => {
	const found =
		/\badd (?:an? )?(?:"([^"]+)"|([^".]+?)) to the ([\w -]+?)(?: for| at|,)? ?(?:[$€£]? ?(\d+(?:[.,]\d\d?)?))?[.!]?(?= and |$)/i.exec(
			words,
		);
	const title = found?.[1] ?? found?.[2];
	const type = found?.[3]
		? findSections(found[3]).find((name) => site.sections.some((section) => section.type === name))
		: undefined;
	if (!found || !title || !type || type === 'contact' || findSections(title).length > 0) return undefined;
	const item: Item = { title: title.charAt(0).toUpperCase() + title.slice(1), ...(found[4] && { note: found[4] }) };
	const sections = site.sections.map((section) =>
		section.type === type ? { ...section, items: [...section.items, item] } : section,
	);
	return {
		site: { ...site, sections },
		done: [`“${item.title}” is in the ${sectionName(type)} section`],
		missed: [],
		rest: words.replace(found[0], ' '),
	};
};

function hrefOf(title: string, value: string): { href?: string } {
	if (title === 'Email' && /^\S+@\S+$/.test(value)) return { href: `mailto:${value}` };
	return title === 'Phone' ? { href: `tel:${value.replace(/[^+\d]/g, '')}` } : {};
}

/** The site with its visible words changed; its types, colours and links stay as they are. */
function mapStrings(site: Site, change: (text: string) => string): Site {
	return {
		...site,
		name: change(site.name),
		description: change(site.description),
		footer: change(site.footer),
		hero: {
			eyebrow: change(site.hero.eyebrow),
			headline: change(site.hero.headline),
			text: change(site.hero.text),
			actions: site.hero.actions.map((action) => ({ ...action, label: change(action.label) })),
		},
		sections: site.sections.map((section) => ({
			...section,
			label: change(section.label),
			title: change(section.title),
			intro: change(section.intro),
			items: section.items.map((item) => mapItem(item, change)),
		})),
		...(site.about && { about: { title: change(site.about.title), paragraphs: site.about.paragraphs.map(change) } }),
	};
}

function mapItem(item: Item, change: (text: string) => string): Item {
	return {
		...item,
		title: change(item.title),
		...(item.text !== undefined && { text: change(item.text) }),
		...(item.note !== undefined && { note: change(item.note) }),
		...(item.list && { list: item.list.map(change) }),
	};
}
