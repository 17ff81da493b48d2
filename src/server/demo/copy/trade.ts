import { type KindCopy, row, words } from './kindCopy.ts';

export const shop: KindCopy = {
	name: 'Good Objects',
	eyebrow: 'Shop · {place}',
	headlines: ['Fewer, better things.', 'Made well, chosen slowly.', 'Things you will keep.'],
	text: '{name} is a small shop with a short shelf. Everything on it was made by someone we know.',
	actions: [
		['See the collection', 'gallery'],
		['Visit the shop', 'hours'],
	],
	sections: ['gallery', 'features', 'story', 'hours', 'contact'],
	styles: ['garden', 'hearth'],
	palettes: ['sage', 'rose', 'terracotta'],
	own: {
		gallery: words(
			'Collection',
			'On the shelf now',
			'Small runs. When one is sold, the next one is a little different.',
			[
				row('Everyday bowl', 'Stoneware, matt glaze', '32'),
				row('Tall vase', 'Thrown in two parts', '68'),
				row('Linen cloth', 'Washed, with a loop', '18'),
				row('Beeswax pair', 'Burns eight hours', '14'),
				row('Oak board', 'One plank, oiled', '46'),
				row('Tea cup', 'Fits two hands', '24'),
			],
		),
		features: words('Why us', 'What we promise', 'So that you can choose in peace.', [
			row('Known makers', 'Each object comes with a name and a place, not a country of origin.'),
			row('Mended for life', 'If it breaks, bring it back. We like repairing more than replacing.'),
			row('Wrapped in paper', 'No plastic, no filler, and string you will want to keep.'),
		]),
	},
	about: [
		'{name} began as one table on a Saturday market.',
		'Now it has a door and a bell, but the table is still there, and so is the idea.',
	],
};

export const clinic: KindCopy = {
	name: 'Stillwater',
	eyebrow: 'Practice · {place}',
	headlines: ['Care that takes its time.', 'You are in good hands.', 'Feel better, without the rush.'],
	text: '{name} is a calm practice with real appointments: enough time to listen, and a plan you understand.',
	actions: [
		['Book an appointment', 'contact'],
		['Our services', 'features'],
	],
	sections: ['features', 'team', 'faq', 'hours', 'contact'],
	styles: ['garden'],
	palettes: ['teal', 'sage', 'lavender'],
	own: {
		features: words('Services', 'How we can help', 'If you are not sure what you need, start with a conversation.', [
			row('First visit', 'Forty-five minutes, one person who listens, and a clear next step.'),
			row('Ongoing care', 'Regular appointments with the same person, at the same time.'),
			row('Prevention', 'Small checks now that save large ones later.'),
		]),
		contact: words(
			'Appointments',
			'Shall we find a time?',
			'Call or write. For emergencies, please use your local emergency number.',
			[],
		),
	},
	about: [
		'{name} was founded on a simple wish: to have time.',
		'We plan fewer appointments a day than we could, because it is better for everyone in the room.',
	],
};

export const gym: KindCopy = {
	name: 'Uplift',
	eyebrow: 'Open to everybody · {place}',
	headlines: ['Stronger than last week.', 'Show up. The rest follows.', 'Move like you mean it.'],
	text: '{name} is a place to train without mirrors and without shouting. Good coaches, small groups, heavy things.',
	actions: [
		['Try a class', 'contact'],
		['See the timetable', 'schedule'],
	],
	sections: ['features', 'schedule', 'pricing', 'team', 'contact'],
	styles: ['poster'],
	palettes: ['orange', 'sun', 'crimson'],
	own: {
		schedule: words('Timetable', 'This week', 'Every class is open to beginners; we scale everything.', [
			row('First light', 'Mobility and easy strength', 'Mon 06:30'),
			row('Foundations', 'Technique, step by step', 'Tue 18:00'),
			row('Engine', 'Forty minutes, hard and honest', 'Wed 19:00'),
			row('Open floor', 'Your plan, our coaches', 'Thu 17:00'),
			row('Long Saturday', 'The big one, with coffee after', 'Sat 09:30'),
		]),
		pricing: words('Membership', 'Pick a rhythm', 'No joining fee. Pause or stop whenever you like.', [
			row('Drop in', 'For curious days', '$18', ['One class', 'Gear included']),
			row('Regular', 'What most people choose', '$69 / month', ['Eight classes', 'Open floor', 'A plan of your own']),
			row('Every day', 'For the keen ones', '$99 / month', [
				'Unlimited classes',
				'Open floor',
				'Bring a friend monthly',
			]),
		]),
		features: words('Training', 'What you get here', 'Three things that work.', [
			row('Small groups', 'Ten people at most, so a coach sees every lift you make.'),
			row('Real progress', 'A plan with numbers, reviewed with you each month.'),
			row('No nonsense', 'No contracts, no supplements, no shouting.'),
		]),
	},
	about: [
		'{name} was built by people who did not like gyms.',
		'So we left out what we did not like, and kept the floor, the weights and the company.',
	],
};

export const product: KindCopy = {
	name: 'Clearday',
	eyebrow: 'New · Early access',
	headlines: ['The calm way to get things done.', 'Less busy. More finished.', 'Your work, in one clear place.'],
	text: '{name} keeps plans, people and progress on one page, so that the next step is always obvious.',
	actions: [
		['Get early access', 'contact'],
		['See what it does', 'features'],
	],
	sections: ['features', 'story', 'pricing', 'faq', 'contact'],
	styles: ['product'],
	palettes: ['ocean', 'lavender', 'teal'],
	own: {
		features: words(
			'Features',
			'Small tool, big relief',
			'Everything you reach for daily, and nothing you have to learn first.',
			[
				row('One clear page', 'See today, this week and what waits on whom, without opening a single tab.'),
				row('Quiet by default', 'No badges, no streaks. It speaks up when something truly needs you.'),
				row('Fast everywhere', 'Opens at once, works offline, and syncs when you are back.'),
				row('Together', 'Share one item or a whole plan; guests need no account.'),
				row('Yours to take', 'Export everything, at any time, in a format others can read.'),
				row('Private', 'Your data is not a product, and it trains nothing.'),
			],
		),
		story: words(
			'How it works',
			'Ready in a minute',
			'Write down what is on your mind, in any order. {name} sorts it into today, soon and someday, and shows you one thing at a time. You do that one. Then the next.',
			[row('1 min', 'to set up'), row('0', 'things to configure'), row('100%', 'exportable')],
		),
		pricing: words('Pricing', 'Simple, like the rest', 'Start free, pay when it earns its place.', [
			row('Solo', 'For one person', '$0', ['All the basics', 'Two devices', 'Export']),
			row('Plus', 'For busy weeks', '$8 / month', ['Everything in Solo', 'Unlimited devices', 'Shared plans']),
			row('Team', 'For a handful of people', '$6 / person', [
				'Everything in Plus',
				'Roles and guests',
				'Help from a human',
			]),
		]),
		contact: words('Early access', 'Be among the first.', 'Write us one line about how you work today.', []),
	},
	about: [
		'{name} is made by a small team that was tired of its own to-do lists.',
		'We build slowly, answer every message, and use it ourselves all day.',
	],
};
