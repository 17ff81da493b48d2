import { describe, expect, test } from 'vitest';
import { composeSite } from '../copy/compose.ts';
import type { Site } from '../site.ts';
import { readBrief } from './brief.ts';
import { applyChanges } from './changes.ts';

describe('a brief', () => {
	test.each([
		['A site for a small bakery in Lisbon called Migalha, with a menu', 'Migalha', 'bakery', 'Lisbon'],
		['a website for crumb & co', undefined, 'general', undefined],
		['coffee shop named "The Blue Door"', 'The Blue Door', 'cafe', undefined],
		['A portfolio for photographer Ines Duarte in Porto', 'Ines Duarte', 'portfolio', 'Porto'],
		['Website for our community garden Rooted, with testimonials', 'Rooted', 'nonprofit', undefined],
		['Landing page for a SaaS app called Tidepool, with pricing', 'Tidepool', 'product', undefined],
		['A wedding page for Ana and Tom, with rsvp', 'Ana and Tom', 'wedding', undefined],
		['dentist clinic Dr. Weber', 'Dr. Weber', 'clinic', undefined],
		['Make a bold website for a climbing gym named “Grip House”', 'Grip House', 'gym', undefined],
		['a design festival called loud type in Ghent', 'Loud Type', 'event', 'Ghent'],
		['Restaurant site for Brasa & Sal in Seville', 'Brasa & Sal', 'restaurant', 'Seville'],
		["an open source database tool 'Quarry'", 'Quarry', 'product', undefined],
		['a site for selling honey from our farm in Vermont. Warm yellow.', undefined, 'shop', 'Vermont'],
		['a calm yoga studio called Still in Kyoto', 'Still', 'gym', 'Kyoto'],
		['a blog about coffee', undefined, 'blog', undefined],
		['Landing page for a developer tool named Quarry', 'Quarry', 'product', undefined],
		['a site', undefined, 'general', undefined],
		['', undefined, 'general', undefined],
	])('%s', (prompt, name, kind, place) => {
		expect(readBrief(prompt)).toMatchObject({ name, kind, place });
	});

	test('tells the sections that are wanted from those that are not', () => {
		const brief = readBrief('a gym with testimonials and FAQ, without pricing, and an about page');
		expect(brief).toMatchObject({ wanted: ['testimonials', 'faq'], unwanted: ['pricing'], about: true });
	});

	test.each([
		['a dark site in navy blue', { mode: 'dark', palette: 'navy' }],
		['minimal, black and white', { style: 'studio', palette: 'mono' }],
		['elegant with dark green', { style: 'editorial', palette: 'forest' }],
		['use #F60 please', { accent: '#ff6600' }],
		['a site called Red Rose in green', { palette: 'forest' }],
	])('reads the look of: %s', (prompt, look) => {
		expect(readBrief(prompt).look).toEqual(look);
	});

	test('without a kind speaks of the subject', () => {
		const site = composeSite(readBrief('a site for my dog walking service'));
		expect(site.name).toBe('Dog Walking Service');
		expect(site.hero.headline).toMatch(/^Dog walking service, /);
	});
});

const site = composeSite(readBrief('a bakery called Crumb in Porto'));

describe('a change', () => {
	test.each<[string, (after: Site) => unknown, unknown]>([
		['change the headline to Bread for everyone.', ({ hero }) => hero.headline, 'Bread for everyone'],
		['Make the headline say "Good morning!"', ({ hero }) => hero.headline, 'Good morning!'],
		['set the tagline to: Since 1998', ({ hero }) => hero.text, 'Since 1998'],
		['rename the bakery to Migalha', ({ name }) => name, 'Migalha'],
		['call it Migalha', ({ name, hero }) => [name, hero.text.includes('Migalha')], ['Migalha', true]],
		['change the name to migalha', ({ name }) => name, 'Migalha'],
		['make it dark', ({ look }) => look.mode, 'dark'],
		['use green', ({ look }) => look.palette, 'forest'],
		['can you make the colours a bit cooler?', ({ look }) => look.palette, 'ocean'],
		['the accent should be #0af', ({ look }) => look.accent, '#00aaff'],
		['make it more minimal', ({ look }) => look.style, 'studio'],
		['change the title of the menu to Our loaves', (after) => sectionOf(after, 'menu')?.title, 'Our loaves'],
		['add a FAQ section', (after) => types(after).includes('faq'), true],
		[
			'Add testimonials and a team',
			(after) => types(after),
			'menu story gallery testimonials team hours contact'.split(' '),
		],
		['remove the gallery', (after) => types(after).includes('gallery'), false],
		['add an about page', ({ about }) => about?.title, 'About Crumb'],
		['replace "Crumb" with "Crust"', ({ name }) => name, 'Crust'],
		['replace Morning bun with Evening bun', (after) => sectionOf(after, 'menu')?.items[2]?.title, 'Evening bun'],
		['change the email to ana@crumb.pt', (after) => sectionOf(after, 'contact')?.items[0]?.href, 'mailto:ana@crumb.pt'],
		['the phone number is +351 22 123', (after) => sectionOf(after, 'contact')?.items[1]?.href, 'tel:+35122123'],
		[
			'add a cinnamon roll to the menu for 4.20',
			(after) => sectionOf(after, 'menu')?.items.at(-1),
			{ title: 'Cinnamon roll', note: '4.20' },
		],
	])('%s', (request, read, expected) => {
		const { site: after, missed } = applyChanges(request, site);
		expect(missed).toEqual([]);
		expect(read(after)).toEqual(expected);
	});

	test('may be several in one message', () => {
		const request =
			'Change the headline to “Hello there”, make it dark and use blue.\n- add a FAQ\n- remove the gallery';
		const { site: after, done } = applyChanges(request, site);
		expect(after.hero.headline).toBe('Hello there');
		expect(after.look).toMatchObject({ mode: 'dark', palette: 'ocean' });
		expect(types(after)).toEqual(['menu', 'story', 'faq', 'hours', 'contact']);
		expect(done).toHaveLength(4);
	});

	test('takes the buttons of a removed section with it', () => {
		expect(applyChanges('remove the menu', site).site.hero.actions.map(({ href }) => href)).toEqual(['#hours']);
	});

	test.each([
		['add a menu', 'the menu section is there already'],
		['remove the pricing', 'there is no pricing section to remove'],
		[
			'replace "no such words" with "x"',
			'the words “no such words” are not on the page, so there was nothing to replace',
		],
		['delete the about page', 'there is no about page'],
	])('that cannot be done changes nothing and says why: %s', (request, reason) => {
		expect(applyChanges(request, site)).toEqual({ site, done: [], missed: [reason] });
	});

	test.each(['connect my Stripe account', 'why is the sky so high?', 'what do you think?'])(
		'that it does not know is left alone: %s',
		(request) => {
			expect(applyChanges(request, site)).toEqual({ site, done: [], missed: [] });
		},
	);
});

function types(of: Site): string[] {
	return of.sections.map(({ type }) => type);
}

function sectionOf(of: Site, wanted: string) {
	return of.sections.find(({ type }) => type === wanted);
}
