import type { Kind, Look, Palette, SectionType, Style } from '../site.ts';

/** The words by which a person means a kind of site. The most hits win; of equals the first, so the vague ones come last. */
const KIND_WORDS: Record<Exclude<Kind, 'general'>, RegExp> = {
	bakery:
		/\b(baker(y|ies|s)?|bread|sourdough|patisserie|pastr(y|ies)|cakes?|donuts?|bäckerei|boulangerie|panadería)\b/gi,
	cafe: /\b(caf[eé]s?|coffee|espresso|roaster(y|s)?|tea ?(house|room|shop)|brunch)(?![\wé])/gi,
	restaurant:
		/\b(restaurants?|bistro|trattoria|pizzeria|pizza|ramen|sushi|tapas|diner|eatery|bar|pub|brewery|winery|wine bar|food truck|kitchen)\b/gi,
	event: /\b(events?|conference|festival|meetup|concert|hackathon|summit|exhibition|party|talks?)\b/gi,
	wedding: /\b(weddings?|bride|groom|getting married|save the date|marriage)\b/gi,
	clinic:
		/\b(clinic|dent(al|ists?)|doctors?|therap(y|ist|ists)|physio\w*|vet(erinary)?|medical|health|massage|spa|salon|barber\w*|wellness|psycholog\w*)\b/gi,
	gym: /\b(gym|fitness|yoga|pilates|climb(ing)?|crossfit|boxing|martial arts|running club|trainer|sports? club|swim\w*|surf\w*|bik(e|ing)|cycling)\b/gi,
	product: /\b(saas|app|software|startup|platform|product|tool|api|dashboard|browser extension|game|launch page)\b/gi,
	nonprofit:
		/\b(non-?profit|charit(y|able)|ngo|foundation|volunteers?|community garden|community|shelter|food bank|donat(e|ions?)|cause|church)\b/gi,
	blog: /\b(blog|journal|magazine|newsletter|essays?|diary|zine|podcast)\b/gi,
	shop: /\b(shop|store|boutique|online shop|e-?commerce|florist|flowers?|ceramics?|jewel(le)?ry|furniture|clothing|candles?|bookshop|bookstore|plants?|honey|selling)\b/gi,
	agency:
		/\b(agency|consult(ing|ancy|ants?)|law firm|lawyers?|accountants?|accounting|marketing|real estate|construction|plumb(er|ing)|electrician|cleaning|services)\b/gi,
	studio: /\b(studio|architects?|architecture|atelier|workshop|pottery|interior|makers?|tattoo|music school|dance)\b/gi,
	portfolio:
		/\b(portfolio|photograph(er|y)|illustrator|designer|my work|cv|resume|résumé|freelancer?|artist|musician|pianist|singer|band|developer|writer|filmmaker)\b/gi,
};

const SECTION_WORDS: Record<SectionType, RegExp> = {
	features: /\b(features?|services?|benefits?|highlights|why us|what we (do|offer))\b/i,
	menu: /\b(menus?|price ?list|dishes|drinks list)\b/i,
	schedule: /\b(schedule|programme|program|agenda|timetable|line-?up|classes|calendar)\b/i,
	gallery: /\b(galler(y|ies)|photos?|pictures|images|work|projects?|case studies|collection|products)\b/i,
	story: /\b((our|my|the) story|story|history|about us( section)?|about section|who we are)\b/i,
	pricing: /\b(pricing|prices|plans|packages|tiers|memberships?)\b/i,
	testimonials: /\b(testimonials?|reviews?|quotes?|kind words|feedback)\b/i,
	team: /\b(team|staff|people|crew|speakers|trainers|coaches)\b/i,
	posts: /\b(posts?|articles?|news|journal|blog section)\b/i,
	faq: /\b(faqs?|q ?& ?a|questions( and answers)?)\b/i,
	hours: /\b(hours|opening times|open times|visit( us)?|location|find us|directions|map)\b/i,
	contact: /\b(contacts?( form| details)?|get in touch|newsletter( sign-?up)?|rsvp|bookings?|reservations?)\b/i,
};

const PALETTE_WORDS: Record<Palette, RegExp> = {
	terracotta: /\b(terracotta|clay|rust|warm(er)?( colou?rs?| tones?)?|earthy|peach|coral|salmon)\b/i,
	cocoa: /\b(brown|cocoa|chocolate|coffee colou?rs?|beige|sand|cream|tan)\b/i,
	orange: /\borange\b/i,
	sun: /\b(yellow|gold(en)?|mustard|sunny|lemon)\b/i,
	sage: /\b(sage|olive|soft green|pale green|mint|natural colou?rs?)\b/i,
	forest: /\b(dark green|forest|emerald|green(er)?)\b/i,
	teal: /\b(teal|turquoise|aqua|cyan)\b/i,
	ocean: /\b((sky )?blue|azure|ocean|cool(er)?( colou?rs?| tones?)?)\b/i,
	navy: /\b(navy( blue)?|dark blue|midnight|indigo)\b/i,
	lavender: /\b(lavender|lilac|light purple)\b/i,
	plum: /\b(plum|purple|violet|aubergine|burgundy|wine( red|-red)|magenta)\b/i,
	rose: /\b(pink|rose|blush)\b/i,
	crimson: /\b(red|crimson|scarlet|cherry)\b/i,
	mono: /\b(black[- ]and[- ]white|black ?& ?white|monochrome|gr[ae]y(scale)?|black)\b/i,
};

const STYLE_WORDS: Record<Style, RegExp> = {
	hearth: /\b(co[sz]y|homely|rustic|traditional|vintage|hand-?made)\b/i,
	editorial: /\b(elegant|luxur(y|ious)|editorial|classy|refined|sophisticated|fine dining)\b/i,
	studio: /\b(minimal(ist|istic)?|clean|swiss|simple|austere)\b/i,
	product: /\b(modern|techy?|friendly|sleek)\b/i,
	poster: /\b(bold(er)?|loud|energetic|punk|brutalist|playful|fun|retro|strong)\b/i,
	garden: /\b(calm(er)?|soft(er)?|gentle|organic|natural|peaceful|quiet(er)?)\b/i,
};

/** How a section is called in a sentence. */
export function sectionName(type: SectionType): string {
	return { faq: 'FAQ', hours: 'opening hours', posts: 'articles' }[type as string] ?? type;
}

/** Words that settle it: a blog about coffee is a blog. */
const DECISIVE: [RegExp, Kind][] = [
	[/\b(portfolio|photograph(er|y))\b/i, 'portfolio'],
	[/\b(blog|podcast|newsletter|magazine)\b/i, 'blog'],
	[/\b(conference|festival|hackathon|meetup)\b/i, 'event'],
];

export function findKind(text: string): Kind {
	const settled = DECISIVE.find(([words]) => words.test(text));
	if (settled) return settled[1];
	let best: Kind = 'general';
	let most = 0;
	for (const [kind, words] of entries(KIND_WORDS)) {
		const hits = text.match(words)?.length ?? 0;
		if (hits > most) [best, most] = [kind, hits];
	}
	return best;
}

/** The section types that the words name, in page order. */
export function findSections(text: string): SectionType[] {
	return entries(SECTION_WORDS)
		.filter(([, words]) => words.test(text))
		.map(([type]) => type);
}

/** What the words say about the look; only what they say. A longer colour name wins over the word inside it. */
export function findLook(text: string): Partial<Look> {
	const accent = /#([0-9a-f]{6}|[0-9a-f]{3})\b/i.exec(text)?.[1];
	const palette = accent
		? undefined
		: longestMatch(PALETTE_WORDS, text.replace(/\b(dark|light|black|white) (mode|theme|version)\b/gi, ''));
	const style = longestMatch(STYLE_WORDS, text);
	const mode = findMode(text);
	return {
		...(style && { style }),
		...(palette && { palette }),
		...(mode && { mode }),
		...(accent && { accent: fullHex(accent.toLowerCase()) }),
	};
}

function findMode(text: string): Look['mode'] | undefined {
	if (/\b(dark (blue|green|red|brown|purple|wood))\b/i.test(text)) return undefined;
	if (/\b(dark(er)?( mode| theme)?|night|black background)\b/i.test(text)) return 'dark';
	if (/\b(light(er)?( mode| theme)|light|bright(er)?|white background)\b/i.test(text)) return 'light';
	return undefined;
}

function longestMatch<Name extends string>(words: Record<Name, RegExp>, text: string): Name | undefined {
	let best: { name: Name; length: number } | undefined;
	for (const [name, pattern] of entries(words)) {
		const length = pattern.exec(text)?.[0].length ?? 0;
		if (length > (best?.length ?? 0)) best = { name, length };
	}
	return best?.name;
}

function fullHex(digits: string): string {
	return `#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits}`;
}

function entries<Name extends string, Value>(record: Record<Name, Value>): [Name, Value][] {
	return Object.entries(record) as [Name, Value][];
}
