import { composeAbout, composeSection, withSection } from '../copy/compose.ts';
import { SECTION_TYPES, type SectionType, type Site } from '../site.ts';
import {
	type Changed,
	newContact,
	newHeadline,
	newItem,
	newName,
	newText,
	type Rule,
	replaceText,
} from './textChanges.ts';
import { findLook, findSections, sectionName } from './words.ts';

/** Follows the simple change requests that the script knows. With nothing done and nothing missed, it understood none. */
export function applyChanges(request: string, site: Site): Changed {
	let words = oneLine(request);
	let changed: Changed = { site, done: [], missed: [] };
	for (const rule of [
		replaceText,
		newHeadline,
		newText,
		newName,
		newContact,
		newItem,
		aboutPage,
		removals,
		additions,
		newLook,
	]) {
		const found = rule(words, changed.site);
		if (!found) continue;
		words = found.rest;
		changed = {
			site: found.site,
			done: [...changed.done, ...found.done],
			missed: [...changed.missed, ...found.missed],
		};
	}
	return changed;
}

function oneLine(request: string): string {
	return request
		.replace(/[“”«»]/g, '"')
		.replace(/[.;]?\s*\n+\s*(?:[-*•] )?/g, '. ')
		.replace(/\s+/g, ' ')
		.trim();
}

const aboutPage: Rule = (words, site) => {
	const found = /\b(add|create|make|need|want|include|remove|delete|drop)\b[^.;]*?\babout[- ](?:us )?page\b/i.exec(
		words,
	);
	if (!found) return undefined;
	const rest = words.replace(found[0], ' ');
	const { about, ...without } = site;
	if (/remove|delete|drop/i.test(found[1] ?? '')) {
		return about
			? { site: without, done: ['the about page is gone'], missed: [], rest }
			: { site, done: [], missed: ['there is no about page'], rest };
	}
	if (about) return { site, done: [], missed: ['there is an about page already'], rest };
	return {
		site: { ...site, about: composeAbout(site) },
		done: ['there is an about page now, linked at the top'],
		missed: [],
		rest,
	};
};

const removals: Rule = (words, site) => {
	const found =
		/\b(?:remove|delete|drop|hide|get rid of|take out|without|no more)\b[^.;]*?(?=[.;]|$| and (?:add|make|change|use)\b)/i.exec(
			words,
		);
	const types = found ? findSections(found[0]) : [];
	if (!found || types.length === 0) return undefined;
	const there = types.filter((type) => site.sections.some((section) => section.type === type));
	const sections = site.sections.filter(({ type }) => !there.includes(type));
	const actions = site.hero.actions.filter(({ href }) => !there.some((type) => href === `#${type}`));
	return {
		site: { ...site, sections, hero: { ...site.hero, actions } },
		done: there.map((type) => `the ${sectionName(type)} section is gone`),
		missed: missing(types, there, 'there is no', 'section to remove'),
		rest: words.replace(found[0], ' '),
	};
};

const additions: Rule = (words, site) => {
	const found =
		/\b(?:add|include|insert|create|put in|need|want|show|give (?:it|me|us)|with)\b[^.;]*?(?=[.;]|$| and (?:make|use|change|set|turn)\b)/i.exec(
			words,
		);
	const types = found ? findSections(found[0]) : [];
	if (!found || types.length === 0) return undefined;
	const fresh = types.filter((type) => !site.sections.some((section) => section.type === type));
	let sections = site.sections;
	for (const type of fresh) sections = withSection(sections, composeSection(type, site));
	return {
		site: { ...site, sections },
		done: fresh.map((type) => `the ${sectionName(type)} section is new`),
		missed: missing(types, fresh, 'the', 'section is there already'),
		rest: words.replace(found[0], ' '),
	};
};

/** A colour in a longer sentence without any of these is not a wish: "what does green tea cost?" */
const LOOK_WISH = /\b(make|use|set|change|turn|switch|want|like|prefer|more|less|try|go|be|should|give)\b/i;

const newLook: Rule = (words, site) => {
	if (!LOOK_WISH.test(words) && words.split(' ').length > 4) return undefined;
	const found = findLook(words);
	const entries = Object.entries(found);
	if (entries.length === 0) return undefined;
	const { accent: _, ...old } = site.look;
	const look = { ...(found.palette ? old : site.look), ...found };
	const same = JSON.stringify(look) === JSON.stringify(site.look);
	const said = entries.map(([, value]) => value).join(', ');
	return {
		site: { ...site, look },
		done: same ? [] : [`the look is ${said} now`],
		missed: same ? [`the look is ${said} already`] : [],
		rest: words,
	};
};

function missing(types: SectionType[], handled: SectionType[], before: string, after: string): string[] {
	return SECTION_TYPES.filter((type) => types.includes(type) && !handled.includes(type)).map(
		(type) => `${before} ${sectionName(type)} ${after}`,
	);
}
