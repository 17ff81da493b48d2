import { type KindCopy, row, words } from './kindCopy.ts';

export const event: KindCopy = {
	name: 'Open Field',
	eyebrow: 'Two days · {place}',
	headlines: ['Two days. One room. Big ideas.', 'Come curious, leave loud.', 'Meet the people you only read.'],
	text: '{name} brings makers, thinkers and tinkerers together for talks, workshops and long dinners.',
	actions: [
		['Get a ticket', 'pricing'],
		['See the programme', 'schedule'],
	],
	sections: ['features', 'schedule', 'team', 'pricing', 'faq', 'contact'],
	styles: ['poster'],
	palettes: ['sun', 'lavender', 'orange'],
	own: {
		features: words('Why come', 'What to expect', 'Planned to leave room for what is not planned.', [
			row('One track', 'Nobody misses anything, and everyone talks about the same thing at lunch.'),
			row('Workshops', 'Twelve people, one table, something real at the end.'),
			row('Long dinners', 'Shared tables, included in every ticket.'),
		]),
		schedule: words('Programme', 'The programme', 'Doors open half an hour before.', [
			row('Opening', 'Coffee, badges and a very short speech', 'Day 1 · 09:30'),
			row('Morning talks', 'Three voices, twenty minutes each', 'Day 1 · 10:00'),
			row('Workshops', 'Pick one at the door', 'Day 1 · 14:00'),
			row('Dinner', 'Long tables, everybody together', 'Day 1 · 19:00'),
			row('Lightning hour', 'Five minutes, open stage', 'Day 2 · 11:00'),
			row('Closing', 'What we take home', 'Day 2 · 16:00'),
		]),
		team: words('Speakers', 'On stage', 'The full line-up follows soon.', [
			row('Speaker one', 'On building small'),
			row('Speaker two', 'On things that last'),
			row('Speaker three', 'On getting it wrong'),
			row('You, perhaps', 'The open stage is open'),
		]),
		pricing: words('Tickets', 'Tickets', 'Every ticket includes food, workshops and both evenings.', [
			row('Friend', 'Students and low income', '$60', ['Both days', 'All meals']),
			row('Regular', 'For most people', '$180', ['Both days', 'All meals', 'One workshop']),
			row('Supporter', 'Pays for a friend ticket', '$260', ['Both days', 'All meals', 'Our thanks, out loud']),
		]),
	},
	about: [
		'{name} is organised by volunteers, in the evenings, for the love of it.',
		'Any money left over goes into next year’s friend tickets.',
	],
};

export const wedding: KindCopy = {
	name: 'Robin & Sam',
	eyebrow: 'We are getting married',
	headlines: ['We said yes. Now come and dance.', 'One day, all our favourite people.', 'Save a seat, and a dance.'],
	text: 'We would love to have you with us. Here is everything you need to know about the day.',
	actions: [
		['Reply', 'contact'],
		['The day', 'schedule'],
	],
	sections: ['schedule', 'story', 'hours', 'faq', 'contact'],
	styles: ['garden', 'editorial'],
	palettes: ['rose', 'sage', 'plum'],
	own: {
		schedule: words('The day', 'How the day goes', 'No need to rush; we will not start without you.', [
			row('Arriving', 'Lemonade under the trees', '14:30'),
			row('The ceremony', 'Short, with handkerchiefs', '15:30'),
			row('Cake and photographs', 'In that order', '17:00'),
			row('Dinner', 'Long tables, many toasts', '19:00'),
			row('Dancing', 'Until the neighbours mind', '21:30'),
		]),
		story: words(
			'Us',
			'How we got here',
			'It started with a missed train and a shared umbrella. Some years, two cities and one very loud cat later, we would like to make it official, and we would like you to be there.',
			[row('1', 'missed train'), row('2', 'cities'), row('1', 'loud cat')],
		),
		hours: words('Getting there', 'Where it happens', 'There is room to park, and a bus brings everyone back.', [
			row('Ceremony', undefined, '15:30'),
			row('Bus from the station', undefined, '14:00'),
			row('Bus home', undefined, '01:00 and 03:00'),
		]),
		faq: words('Questions', 'Good to know', '', [
			row('What shall I wear?', 'Whatever you can dance in. The grass is no friend of thin heels.'),
			row('Can I bring my children?', 'Yes please. There will be a tent with blankets and films.'),
			row('What would you like as a gift?', 'You, there. If you must, a recipe with a story.'),
		]),
		contact: words(
			'Reply',
			'Will you come?',
			'Please tell us by the end of the month before, with anything you cannot eat.',
			[],
		),
	},
	about: ['We are {name}.', 'This page will grow: rooms nearby, songs to request, and photographs afterwards.'],
};

export const nonprofit: KindCopy = {
	name: 'Common Roots',
	eyebrow: 'Together · {place}',
	headlines: ['Small hands, big garden.', 'What we share, grows.', 'Good things happen next door.'],
	text: '{name} brings neighbours together to look after a place and one another. Everyone can help; nobody has to be an expert.',
	actions: [
		['Lend a hand', 'contact'],
		['What we do', 'features'],
	],
	sections: ['features', 'story', 'schedule', 'testimonials', 'contact'],
	styles: ['garden', 'hearth'],
	palettes: ['forest', 'sun', 'teal'],
	own: {
		features: words('What we do', 'Where your help goes', 'Three programmes, all run by neighbours.', [
			row('Open Saturdays', 'Come by, pick up a tool or a cup, and meet who else is there.'),
			row('Shared table', 'A warm meal each week, cooked together, free for everyone.'),
			row('Learning outdoors', 'School classes visit, plant, and come back to harvest.'),
		]),
		schedule: words('Join in', 'Coming up', 'No sign-up needed.', [
			row('Open Saturday', 'Tools and tea provided', 'Sat 10:00'),
			row('Shared table', 'Cooking from five, eating at seven', 'Wed 17:00'),
			row('Newcomers’ walk', 'A short tour and all your questions', 'First Sunday'),
		]),
		contact: words('Help', 'There is a place for you.', 'Time, tools or a small gift: everything counts.', []),
	},
	about: [
		'{name} started with six neighbours and one borrowed shovel.',
		'We publish what we spend, decide together, and keep the gate open.',
	],
};

export const general: KindCopy = {
	name: 'Fine Day',
	eyebrow: 'Welcome · {place}',
	headlines: ['{subject}, done with care.', '{subject}, the way it should be.'],
	text: '{name} does one thing and does it well, for people who notice the difference.',
	actions: [
		['Get in touch', 'contact'],
		['See what we do', 'features'],
	],
	sections: ['features', 'story', 'testimonials', 'faq', 'contact'],
	styles: ['hearth', 'product', 'garden'],
	palettes: ['forest', 'ocean', 'terracotta', 'plum'],
	own: {},
	about: ['{name} is a small undertaking with a clear idea.', 'We would rather do it properly than do it big.'],
};
