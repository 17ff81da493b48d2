import { type KindCopy, row, words } from './kindCopy.ts';

export const bakery: KindCopy = {
	name: 'Morning Loaf',
	eyebrow: 'Bakery · {place}',
	headlines: ['Bread worth getting up for.', 'Flour, water, salt and a long night.', 'Warm from the oven at seven.'],
	text: '{name} bakes by hand, in small batches, with dough that takes its time. Come early for the crust, come late for the cake.',
	actions: [
		['See what’s baking', 'menu'],
		['Opening hours', 'hours'],
	],
	sections: ['menu', 'story', 'gallery', 'hours', 'contact'],
	styles: ['hearth'],
	palettes: ['terracotta', 'cocoa'],
	own: {
		menu: words(
			'Bread & cake',
			'On the counter today',
			'It changes with the season, and when it is gone, it is gone.',
			[
				row('Country sourdough', 'Wheat and rye, 24 hours in the making', '6.20'),
				row('Seeded rye', 'Sunflower, flax and a little honey', '5.80'),
				row('Morning bun', 'Laminated dough, orange sugar', '3.40'),
				row('Cardamom knot', 'Crushed by hand, never ground ahead', '3.60'),
				row('Almond croissant', 'Baked twice, for good reason', '4.20'),
				row('Plum galette', 'Rye crust, fruit from down the road', '4.80'),
			],
		),
		story: words(
			'Our story',
			'We start when the street is still dark.',
			'At four the first dough comes out of the cold. It has had a whole night to rise, which is most of what makes it good. The rest is a hot stone floor and somebody who looks at every loaf.',
			[
				row('24 h', 'from flour to crust'),
				row('3', 'ingredients in our bread'),
				row('7:00', 'first loaves on the shelf'),
			],
		),
		gallery: words('The bakehouse', 'A day in the bakehouse', 'Shapes, crumbs and crusts.', [
			row('Shaping', 'Before sunrise'),
			row('Proving', 'All night long'),
			row('Baking', 'On stone, in steam'),
			row('Cooling', 'The hardest wait'),
		]),
	},
	about: [
		'{name} began with one oven and a stubborn idea: that bread needs very few things, and one of them is time.',
		'We buy our grain from growers we can name, keep the list short, and bake through the night so that the morning can be easy.',
	],
};

export const cafe: KindCopy = {
	name: 'Slow Cup',
	eyebrow: 'Coffee & small plates · {place}',
	headlines: ['Stay for the second cup.', 'Good coffee, and a chair by the window.', 'The slow part of your day.'],
	text: '{name} is a neighbourhood café with careful coffee, honest breakfasts and no hurry at all.',
	actions: [
		['Read the menu', 'menu'],
		['Find us', 'hours'],
	],
	sections: ['menu', 'features', 'gallery', 'hours', 'contact'],
	styles: ['hearth', 'garden'],
	palettes: ['forest', 'cocoa'],
	own: {
		menu: words('Menu', 'From the bar and the kitchen', 'Oat milk costs the same. Refills are on us before ten.', [
			row('Espresso', 'Washed, bright, a little plum', '2.60'),
			row('Flat white', 'Two shots, silky milk', '3.90'),
			row('Filter of the day', 'Brewed by the cup', '4.20'),
			row('House granola', 'Yoghurt, pear, toasted hazelnut', '8.50'),
			row('Eggs on sourdough', 'Herb butter, pickled chilli', '10.80'),
			row('Lemon loaf', 'A thick slice, please', '4.00'),
		]),
		features: words('The room', 'Made for lingering', 'Three small rules we keep.', [
			row('Beans with a name', 'We know the farm, the harvest and the roaster of every bag behind the bar.'),
			row('A kitchen until three', 'Breakfast does not stop because somebody looked at a clock.'),
			row('Quiet by habit', 'Soft music, big tables, and sockets only where you need them.'),
		]),
		gallery: words('Gallery', 'A look inside', 'Morning light, afternoon regulars.', [
			row('The bar', 'Where it starts'),
			row('Window seats', 'First come, first sun'),
			row('The garden', 'April to October'),
			row('Cake shelf', 'Empty by four'),
		]),
	},
	about: [
		'{name} opened because this corner needed a place to sit down.',
		'We pull every shot on the same machine, at the same window, and we still think it is the nicest job in {place}.',
	],
};

export const restaurant: KindCopy = {
	name: 'Salt & Ember',
	eyebrow: 'Restaurant · {place}',
	headlines: ['Fire, salt and the season.', 'A short menu, a long evening.', 'Dinner, without the fuss.'],
	text: '{name} cooks over embers with what the week brings. One room, forty seats, and a kitchen you can see into.',
	actions: [
		['Book a table', 'contact'],
		['See the menu', 'menu'],
	],
	sections: ['menu', 'story', 'testimonials', 'hours', 'contact'],
	styles: ['editorial'],
	palettes: ['crimson', 'forest', 'plum'],
	own: {
		menu: words('Menu', 'This week', 'Written on Tuesday, gone by Sunday.', [
			row('Charred leeks', 'Romesco, smoked almond', '14'),
			row('Cured trout', 'Buttermilk, dill, rye crumb', '17'),
			row('Ember-baked celeriac', 'Brown butter, black garlic, herbs', '24'),
			row('Half chicken', 'Lemon, bay, potatoes from the drip tray', '31'),
			row('Whole sea bream', 'Grilled on the bone, fennel salad', '36'),
			row('Burnt honey tart', 'Crème fraîche, thyme', '12'),
		]),
		story: words(
			'The kitchen',
			'Everything starts at the grill.',
			'There is no back kitchen and no freezer. What arrives in the morning is on the plate at night, and the menu is as long as the delivery note.',
			[row('40', 'seats in one room'), row('12', 'growers within an hour'), row('1', 'fire, lit at noon')],
		),
		contact: words(
			'Reserve',
			'Keep a chair for tonight.',
			'Tables open four weeks ahead; the bar is for whoever walks in.',
			[],
		),
	},
	about: [
		'{name} is a small dining room built around one grill.',
		'The cooking is simple on purpose: good produce, live fire, and enough salt.',
	],
};
