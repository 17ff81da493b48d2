import type { SectionType } from '../site.ts';
import { CONTACT, HOURS, MENU, POSTS, PRICING, SCHEDULE } from './factSections.ts';

const READ = `---
import Heading from './Heading.astro';

const { title, intro, items } = Astro.props;
---
`;

const READ_WITH_TILES = `---
import Heading from './Heading.astro';
import Tile from './Tile.astro';

const { title, intro, items } = Astro.props;
---
`;

const FEATURES = `${READ}
<section id="features" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ol class="mt-14 grid gap-x-10 gap-y-12 sm:grid-cols-2 lg:grid-cols-3">
			{items.map((item, at) => (
				<li class="border-t-2 border-accent pt-6">
					<span class="text-sm font-semibold text-accent-text tabular-nums" aria-hidden="true">{String(at + 1).padStart(2, '0')}</span>
					<h3 class="mt-3 text-2xl">{item.title}</h3>
					<p class="mt-3 leading-relaxed text-muted">{item.text}</p>
				</li>
			))}
		</ol>
	</div>
</section>
`;

const GALLERY = `${READ_WITH_TILES}
<section id="gallery" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ul class:list={['mt-14 grid gap-x-5 gap-y-10 sm:grid-cols-2', items.length % 3 === 0 ? 'lg:grid-cols-3' : 'lg:grid-cols-4']}>
			{items.map((item, at) => (
				<li class="group">
					<div class="overflow-hidden rounded-card">
						<Tile index={at * 4 + 3} class="aspect-[4/5] transition duration-500 motion-safe:group-hover:scale-105" />
					</div>
					<div class="mt-4 flex items-baseline justify-between gap-4">
						<h3 class="text-lg">{item.title}</h3>
						{item.note && <span class="text-sm font-semibold tabular-nums">{item.note}</span>}
					</div>
					<p class="mt-1 text-sm text-muted">{item.text}</p>
				</li>
			))}
		</ul>
	</div>
</section>
`;

const STORY = `---
import Tile from './Tile.astro';

const { title, intro, items } = Astro.props;
---

<section id="story" class="section">
	<div class="wrap grid items-center gap-12 lg:grid-cols-2 lg:gap-20">
		<div class="grid aspect-square grid-cols-2 grid-rows-2 gap-3" aria-hidden="true">
			<Tile index={7} class="row-span-2 h-full rounded-card" />
			<Tile index={5} class="h-full rounded-card" />
			<Tile index={10} class="h-full rounded-card" />
		</div>
		<div>
			<h2 class="text-[clamp(2.1rem,4.6vw,3.4rem)]">{title}</h2>
			<p class="mt-6 text-lg leading-relaxed">{intro}</p>
			<dl class="mt-10 grid grid-cols-3 gap-6 border-t border-line pt-6">
				{items.map((item) => (
					<div class="flex flex-col-reverse justify-end">
						<dt class="mt-1 text-sm text-muted">{item.text}</dt>
						<dd class="font-display text-3xl text-accent-text sm:text-4xl">{item.title}</dd>
					</div>
				))}
			</dl>
		</div>
	</div>
</section>
`;

const TESTIMONIALS = `${READ}
<section id="testimonials" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<div class="mt-14 grid gap-10 lg:grid-cols-3">
			{items.map((item) => (
				<figure class="flex flex-col border-l-2 border-accent pl-6">
					<blockquote class="font-display text-2xl leading-snug text-balance">“{item.text}”</blockquote>
					<figcaption class="mt-6 text-sm text-muted"><strong class="block font-semibold text-ink">{item.title}</strong>{item.note}</figcaption>
				</figure>
			))}
		</div>
	</div>
</section>
`;

const TEAM = `${READ_WITH_TILES}
<section id="team" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ul class="mt-14 grid grid-cols-2 gap-x-5 gap-y-10 lg:grid-cols-4">
			{items.map((item, at) => (
				<li>
					<div class="relative grid place-items-center overflow-hidden rounded-card">
						<Tile index={at + 4} class="aspect-square" />
						<span class="absolute grid size-20 place-items-center rounded-full bg-paper font-display text-3xl" aria-hidden="true">{item.title.charAt(0)}</span>
					</div>
					<h3 class="mt-4 text-lg">{item.title}</h3>
					<p class="text-sm text-muted">{item.text}</p>
				</li>
			))}
		</ul>
	</div>
</section>
`;

const FAQ = `${READ}
<section id="faq" class="section">
	<div class="wrap grid gap-12 lg:grid-cols-[1fr_1.5fr] lg:gap-20">
		<Heading title={title} intro={intro} />
		<div class="divide-y divide-line border-y border-line">
			{items.map((item, at) => (
				<details class="group py-6" open={at === 0}>
					<summary class="flex cursor-pointer list-none items-baseline justify-between gap-6 text-lg font-semibold">
						{item.title}
						<span class="text-2xl leading-none text-accent-text transition group-open:rotate-45" aria-hidden="true">+</span>
					</summary>
					<p class="mt-3 max-w-[40rem] leading-relaxed text-muted">{item.text}</p>
				</details>
			))}
		</div>
	</div>
</section>
`;

/** The component of each section, `src/components/<Name>.astro`: it gets the section's words as props. */
export const SECTION_COMPONENTS: Record<SectionType, { name: string; text: string }> = {
	features: { name: 'Features', text: FEATURES },
	menu: { name: 'Menu', text: MENU },
	schedule: { name: 'Schedule', text: SCHEDULE },
	gallery: { name: 'Gallery', text: GALLERY },
	story: { name: 'Story', text: STORY },
	pricing: { name: 'Pricing', text: PRICING },
	testimonials: { name: 'Testimonials', text: TESTIMONIALS },
	team: { name: 'Team', text: TEAM },
	posts: { name: 'Posts', text: POSTS },
	faq: { name: 'Faq', text: FAQ },
	hours: { name: 'Hours', text: HOURS },
	contact: { name: 'Contact', text: CONTACT },
};
