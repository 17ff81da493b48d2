import { type KindCopy, row, words } from './kindCopy.ts';

const projects = words('Work', 'Selected work', 'A few pieces from the last years. Each began with a good question.', [
	row('Tidewater', 'Identity and signage', '2026'),
	row('Field Notes', 'Book and exhibition', '2025'),
	row('North House', 'Photography', '2025'),
	row('Small Hours', 'Poster series', '2024'),
	row('Common Ground', 'Website', '2024'),
	row('Paper Garden', 'Installation', '2023'),
]);

export const portfolio: KindCopy = {
	name: 'Alex Morgan',
	eyebrow: 'Portfolio · {place}',
	headlines: ['Work that looks you in the eye.', 'Things made slowly, shown plainly.', 'I make images that stay.'],
	text: '{name} works between image, type and space, for people who care how things feel.',
	actions: [
		['See the work', 'gallery'],
		['Get in touch', 'contact'],
	],
	sections: ['gallery', 'story', 'testimonials', 'contact'],
	styles: ['studio', 'editorial'],
	palettes: ['mono', 'ocean'],
	own: {
		gallery: projects,
		story: words(
			'About',
			'Curious first, careful second.',
			'Ten years of commissions, collaborations and self-made projects. Most begin with a walk and a notebook; all of them end with fewer elements than they started with.',
			[row('10', 'years of practice'), row('60+', 'finished projects'), row('4', 'new ones a year')],
		),
		contact: words(
			'Contact',
			'Have something in mind?',
			'Tell me about it in three sentences. I answer within two days.',
			[],
		),
	},
	about: [
		'I am {name}. I make work for print, screens and rooms.',
		'I like short briefs, long walks and the moment when a thing finally becomes simple.',
	],
};

export const studio: KindCopy = {
	name: 'Atelier Nord',
	eyebrow: 'Studio · {place}',
	headlines: ['Made by hand, meant to last.', 'Form follows patience.', 'A studio for quiet, useful things.'],
	text: '{name} designs and makes with few materials and a lot of attention, from the first sketch to the last fitting.',
	actions: [
		['Our projects', 'gallery'],
		['Start a project', 'contact'],
	],
	sections: ['gallery', 'features', 'story', 'team', 'contact'],
	styles: ['studio', 'editorial'],
	palettes: ['terracotta', 'sage', 'mono'],
	own: {
		gallery: projects,
		features: words('Approach', 'How we work', 'Always in this order.', [
			row('Look', 'We start on site, with the light, the habits and the things that are already good.'),
			row('Draw', 'Ideas are cheap on paper. We make many and keep one.'),
			row('Make', 'Prototypes at full size, in the real material, until nothing rattles.'),
		]),
	},
	about: [
		'{name} is a small studio with its own workshop.',
		'Everyone who draws here also makes, and everyone who makes has a say in the drawing.',
	],
};

export const agency: KindCopy = {
	name: 'Plainspoken',
	eyebrow: 'Clear work · {place}',
	headlines: ['Complicated things, put simply.', 'Good advice, plainly given.', 'We get it done, and we tell you how.'],
	text: '{name} is a small senior team. You talk to the people who do the work, and you always know what happens next.',
	actions: [
		['Talk to us', 'contact'],
		['What we do', 'features'],
	],
	sections: ['features', 'story', 'testimonials', 'team', 'contact'],
	styles: ['product', 'studio'],
	palettes: ['navy', 'forest', 'crimson'],
	own: {
		features: words('Services', 'What we do', 'Six things, done properly.', [
			row('Listen', 'A first conversation that costs nothing and ends with a clear next step.'),
			row('Plan', 'Scope, price and date on one page, before anything starts.'),
			row('Deliver', 'Weekly progress you can see, not a status report.'),
			row('Explain', 'Every decision in words that need no dictionary.'),
			row('Hand over', 'Everything is yours: files, passwords and knowledge.'),
			row('Stay', 'A phone number that somebody answers afterwards.'),
		]),
	},
	about: [
		'{name} is deliberately small.',
		'We take on as much as we can do well, and say no to the rest early and kindly.',
	],
};

export const blog: KindCopy = {
	name: 'Marginalia',
	eyebrow: 'A journal',
	headlines: ['Notes from the edge of the page.', 'Slow writing about {subject}.', 'Things worth writing down.'],
	text: '{name} is a journal that comes out when there is something to say. No tracking, no noise, just words.',
	actions: [
		['Read the latest', 'posts'],
		['Say hello', 'contact'],
	],
	sections: ['posts', 'story', 'contact'],
	styles: ['editorial'],
	palettes: ['mono', 'crimson', 'navy'],
	own: {
		posts: words('Writing', 'Latest', 'Newest first.', [
			row('The case for doing one thing', 'On attention, and the odd luxury of finishing.', 'March'),
			row('A map of small places', 'Seven corners that are not in any guide.', 'February'),
			row('What the garden taught me', 'Mostly to wait, and to label things.', 'February'),
			row('Letters I did not send', 'Drafts, and why they stayed drafts.', 'January'),
		]),
		contact: words('Letters', 'Write back.', 'Every letter is read. Most are answered.', []),
	},
	about: [
		'{name} is written by one person at a kitchen table.',
		'It started as a folder of notes, and it still is one, with better margins.',
	],
};
