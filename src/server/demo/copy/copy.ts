import type { Kind, Section, SectionType } from '../site.ts';
import { bakery, cafe, restaurant } from './food.ts';
import { event, general, nonprofit, wedding } from './gathering.ts';
import { type KindCopy, row, words } from './kindCopy.ts';
import { agency, blog, portfolio, studio } from './making.ts';
import { clinic, gym, product, shop } from './trade.ts';

export const KIND_COPY: Record<Kind, KindCopy> = {
	bakery,
	cafe,
	restaurant,
	shop,
	portfolio,
	studio,
	agency,
	blog,
	event,
	wedding,
	clinic,
	gym,
	product,
	nonprofit,
	general,
};

/** The words for a section of a kind of site: the kind's own, else the general ones. */
export function sectionCopy(type: SectionType, kind: Kind): Section {
	return { type, ...(KIND_COPY[kind].own[type] ?? GENERAL[type]) };
}

const GENERAL: Record<SectionType, Omit<Section, 'type'>> = {
	features: words('What we do', 'What makes it good', 'Three promises, easy to check.', [
		row('Careful from the start', 'We ask before we begin, and we begin with what matters to you.'),
		row('Clear all the way', 'You know what happens, when, and what it costs.'),
		row('Good to the end', 'It is finished when you are happy with it, not before.'),
	]),
	menu: words('Menu', 'What there is', 'A short list that changes often.', [
		row('The classic', 'Where most people start', '12'),
		row('The small one', 'Just enough', '8'),
		row('The seasonal', 'Ask us what it is today', '14'),
		row('The long one', 'For those who have time', '22'),
	]),
	schedule: words('Dates', 'Coming up', 'Everyone is welcome.', [
		row('Open door', 'Come in and look around', 'Mon 18:00'),
		row('Workshop', 'Two hours, all levels', 'Wed 17:30'),
		row('Meeting', 'Plans, cake and questions', 'Sat 11:00'),
	]),
	gallery: words('Gallery', 'Have a look', 'Pictures go here; these are drawn to keep their places.', [
		row('First impression', 'In the morning'),
		row('Close up', 'The details'),
		row('From afar', 'The whole thing'),
		row('In use', 'On an ordinary day'),
	]),
	story: words(
		'Story',
		'How it began',
		'It began small: one idea, one table, and the wish to do a simple thing properly. It has grown since, but slowly, and the table is still here.',
		[row('1', 'idea we kept'), row('2', 'hands on everything'), row('0', 'shortcuts')],
	),
	pricing: words('Pricing', 'What it costs', 'No small print.', [
		row('Start', 'To try it out', '$20', ['The essentials', 'No commitment']),
		row('Regular', 'What most people choose', '$60', ['Everything in Start', 'A person to ask', 'Priority dates']),
		row('Full', 'When it matters', '$140', ['Everything in Regular', 'Made to measure', 'Follow-up included']),
	]),
	testimonials: words('Kind words', 'What people say', 'Sample words, waiting for real ones.', [
		row('A regular', 'I came for one thing and stayed for the way they do it.', 'Sample quote'),
		row('A first-time guest', 'Friendly, exact, and somehow never in a hurry.', 'Sample quote'),
		row('A neighbour', 'The best thing that happened to this street.', 'Sample quote'),
	]),
	team: words('People', 'Who you will meet', 'A small team; names and faces go here.', [
		row('First name', 'Founder'),
		row('Second name', 'Makes it work'),
		row('Third name', 'Makes it beautiful'),
		row('Fourth name', 'Answers the phone'),
	]),
	posts: words('Journal', 'From the journal', 'Short notes, now and then.', [
		row('What we learned this year', 'Three things, one of them surprising.', 'March'),
		row('Behind the scenes', 'A day with us, hour by hour.', 'February'),
		row('A beginning', 'Why we are doing this at all.', 'January'),
	]),
	faq: words('Questions', 'Good questions', 'And short answers.', [
		row('How do I start?', 'Write or call. We answer within a day and find the next step together.'),
		row('What does it cost?', 'It depends on what you need; you get a price before anything begins.'),
		row('Can I change my mind?', 'Yes. Tell us in time and there is nothing to pay.'),
		row('Do you have time for something small?', 'Small things are our favourites.'),
	]),
	hours: words('Visit', 'Come by', 'Ring the bell if the door is closed.', [
		row('Monday', undefined, 'Closed'),
		row('Tuesday – Friday', undefined, '7:00 – 18:00'),
		row('Saturday', undefined, '8:00 – 16:00'),
		row('Sunday', undefined, '8:00 – 13:00'),
	]),
	contact: words('Contact', 'Say hello.', 'We read everything and answer soon.', []),
};
