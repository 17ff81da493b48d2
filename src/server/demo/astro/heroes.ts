import type { Style } from '../site.ts';

const READ = `---
import site from '../site.json';
import Art from './Art.astro';

const { eyebrow, headline, text, actions } = site.hero;
---
`;

const ACTIONS = `{actions.map(({ label, href }, at) => <a href={href} class={at === 0 ? 'button' : 'button-quiet'}>{label}</a>)}`;

const HEARTH = `${READ}
<section class="wrap grid items-center gap-12 py-12 sm:pb-20 lg:grid-cols-[1.1fr_.9fr] lg:gap-16 lg:pt-16">
	<div>
		<p class="eyebrow">{eyebrow}</p>
		<h1 class="mt-6 text-[clamp(2.9rem,6.6vw,5.4rem)]">{headline}</h1>
		<p class="mt-7 max-w-[34rem] text-lg leading-relaxed text-muted sm:text-xl">{text}</p>
		<div class="mt-10 flex flex-wrap gap-3">${ACTIONS}</div>
	</div>
	<Art class="aspect-[6/7] rounded-t-full rounded-b-card" />
</section>
`;

const GARDEN = `${READ}
<section class="wrap pt-4 pb-16 sm:pt-6 sm:pb-20">
	<div class="grid overflow-hidden rounded-card bg-soft lg:grid-cols-2">
		<div class="flex flex-col justify-center px-7 py-14 sm:px-14 lg:py-24">
			<p class="eyebrow">{eyebrow}</p>
			<h1 class="mt-6 text-[clamp(2.75rem,5.4vw,4.75rem)]">{headline}</h1>
			<p class="mt-7 max-w-[32rem] text-lg leading-relaxed">{text}</p>
			<div class="mt-10 flex flex-wrap gap-3">${ACTIONS}</div>
		</div>
		<Art class="h-full min-h-80" />
	</div>
</section>
`;

const EDITORIAL = `${READ}
<section class="wrap pt-14 pb-16 sm:py-20">
	<p class="eyebrow border-b border-ink pb-4">{eyebrow}</p>
	<h1 class="mt-8 max-w-[14ch] text-[clamp(3.4rem,10vw,8.25rem)]">{headline}</h1>
	<div class="mt-12 grid gap-10 lg:grid-cols-[1fr_2fr] lg:gap-16">
		<div class="flex flex-col gap-8 lg:pt-2">
			<p class="text-xl leading-relaxed">{text}</p>
			<div class="flex flex-wrap gap-3">${ACTIONS}</div>
		</div>
		<Art class="aspect-[4/3] lg:aspect-[16/10]" />
	</div>
</section>
`;

const STUDIO = `---
import site from '../site.json';
import Art from './Art.astro';
import Tile from './Tile.astro';

const { eyebrow, headline, text, actions } = site.hero;
---

<section class="wrap py-16 sm:py-24">
	<h1 class="max-w-[15ch] text-[clamp(3.1rem,8.6vw,7.25rem)]">{headline}</h1>
	<div class="mt-12 grid gap-8 border-t border-ink pt-6 sm:grid-cols-[1fr_2fr_auto] sm:gap-12">
		<p class="text-sm font-semibold">{eyebrow}</p>
		<p class="max-w-[36rem] text-xl leading-relaxed">{text}</p>
		<div class="flex flex-wrap content-start gap-3 sm:flex-col">${ACTIONS}</div>
	</div>
	<div class="mt-12 grid grid-cols-2 gap-3 md:grid-cols-[1.3fr_1fr_1fr]">
		<Art class="row-span-2 h-full max-md:col-span-2 max-md:aspect-[4/3]" />
		<Tile index={2} class="aspect-square" />
		<Tile index={6} class="aspect-square" />
		<Tile index={1} class="aspect-square" />
		<Tile index={8} class="aspect-square" />
	</div>
</section>
`;

const PRODUCT = `${READ}
<section class="relative isolate overflow-hidden">
	<div class="absolute inset-x-0 top-0 -z-10 h-[85%] bg-linear-to-b from-soft to-paper" aria-hidden="true"></div>
	<div class="wrap pt-16 pb-16 text-center sm:py-24">
		<p class="inline-block rounded-full border border-line bg-paper px-4 py-1.5 text-sm font-semibold text-accent-text">{eyebrow}</p>
		<h1 class="mx-auto mt-7 max-w-[15ch] text-[clamp(2.75rem,6.6vw,5.25rem)]">{headline}</h1>
		<p class="mx-auto mt-6 max-w-[38rem] text-lg leading-relaxed text-muted sm:text-xl">{text}</p>
		<div class="mt-9 flex flex-wrap justify-center gap-3">${ACTIONS}</div>
		<Art class="mx-auto mt-14 aspect-[4/3] max-w-5xl rounded-card sm:aspect-[16/9]" />
	</div>
</section>
`;

const POSTER = `${READ}
<section class="relative isolate overflow-hidden bg-accent text-on-accent">
	<div class="wrap grid lg:min-h-[38rem] lg:grid-cols-[1.25fr_.75fr]">
		<div class="flex flex-col justify-center py-16 lg:py-24 lg:pr-10">
			<p class="text-sm font-bold tracking-[0.14em] uppercase">{eyebrow}</p>
			<h1 class="mt-6 text-[clamp(3.25rem,8vw,6.75rem)]">{headline}</h1>
			<p class="mt-8 max-w-[34rem] text-lg leading-relaxed font-medium sm:text-xl">{text}</p>
			<div class="mt-10 flex flex-wrap gap-3">
				{actions.map(({ label, href }, at) => (
					<a href={href} class:list={['inline-flex min-h-12 items-center px-6 py-3 font-bold transition hover:opacity-80', at === 0 ? 'bg-on-accent text-accent' : 'border-2 border-current']}>{label}</a>
				))}
			</div>
		</div>
		<div class="relative min-h-80 max-lg:-mx-5 max-lg:aspect-[4/3] sm:max-lg:-mx-8 lg:-mr-[max(2rem,calc((100vw-72rem)/2+2rem))]">
			<Art class="absolute inset-0 h-full" />
		</div>
	</div>
</section>
`;

/** The first thing on the page, by style: `src/components/Hero.astro`. */
export const HEROES: Record<Style, string> = {
	hearth: HEARTH,
	garden: GARDEN,
	editorial: EDITORIAL,
	studio: STUDIO,
	product: PRODUCT,
	poster: POSTER,
};
