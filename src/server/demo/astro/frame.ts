/** The parts that every page has. They read `src/site.json` and hold no words of their own. */

export const HEADER = `---
import site from '../site.json';

interface Props {
	/** True on the front page, where links stay on the page. */
	home?: boolean;
}

const { home = false } = Astro.props;
const base = home ? '' : '/';
const links = site.sections.map(({ type, label }) => ({ href: base + '#' + type, label }));
const about = 'about' in site ? [{ href: '/about', label: 'About' }] : [];
const last = links.findLast(({ href }) => href.endsWith('#contact'));
const all = [...links.filter((link) => link !== last), ...about];
---

<a href="#main" class="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-3 focus:rounded-button focus:bg-ink focus:px-4 focus:py-2 focus:text-paper">
	Skip to content
</a>
<header class="sticky top-0 z-40 border-b border-line/70 bg-paper/90 backdrop-blur">
	<div class="wrap flex h-16 items-center gap-8">
		<a href="/" class="flex min-w-0 items-center gap-3 font-display text-xl font-semibold tracking-tight">
			<svg viewBox="0 0 32 32" class="size-7 shrink-0" aria-hidden="true">
				<path d="M2 30V16a14 14 0 0 1 28 0v14Z" fill="var(--color-accent)" />
				<circle cx="16" cy="17" r="6" fill="var(--color-gold)" />
			</svg>
			<span class="truncate">{site.name}</span>
		</a>
		<nav class="ml-auto hidden items-center gap-7 text-[0.9375rem] md:flex" aria-label="Main">
			{all.map(({ href, label }) => <a href={href} class="whitespace-nowrap hover:underline">{label}</a>)}
			{last && <a href={last.href} class="rounded-button bg-ink px-4 py-2 font-semibold whitespace-nowrap text-paper transition hover:opacity-80">{last.label}</a>}
		</nav>
		<details class="group relative ml-auto md:hidden">
			<summary class="cursor-pointer list-none rounded-button border border-line px-3 py-2 text-sm font-semibold">Menu</summary>
			<nav class="absolute right-0 mt-2 grid w-56 rounded-card border border-line bg-paper p-2 shadow-xl" aria-label="Main, small screens">
				{[...all, ...(last ? [last] : [])].map(({ href, label }) => <a href={href} class="px-4 py-2.5 hover:underline">{label}</a>)}
			</nav>
		</details>
	</div>
</header>
`;

export const FOOTER = `---
import site from '../site.json';

const contact = site.sections.find(({ type }) => type === 'contact')?.items ?? [];
---

<footer class="border-t border-line bg-surface">
	<div class="wrap grid gap-8 py-14 sm:grid-cols-[1fr_auto] sm:items-end">
		<div>
			<p class="font-display text-3xl tracking-tight">{site.name}</p>
			<p class="mt-2 text-muted">{site.footer}</p>
		</div>
		<ul class="space-y-1 text-sm text-muted sm:text-right">
			{contact.map((item) => <li>{'href' in item ? <a class="hover:underline" href={item.href}>{item.text}</a> : item.text}</li>)}
		</ul>
	</div>
</footer>
`;

export const HEADING = `---
interface Props {
	title: string;
	intro?: string;
	class?: string;
}

const { title, intro, class: className } = Astro.props;
---

<div class:list={['max-w-2xl', className]}>
	<h2 class="text-[clamp(2.1rem,4.6vw,3.4rem)]">{title}</h2>
	{intro && <p class="mt-4 text-lg text-muted">{intro}</p>}
</div>
`;

export const ABOUT_PAGE = `---
import Footer from '../components/Footer.astro';
import Header from '../components/Header.astro';
import Tile from '../components/Tile.astro';
import Base from '../layouts/Base.astro';
import site from '../site.json';

const { title, paragraphs } = site.about;
---

<Base title={title} description={site.description}>
	<Header />
	<main id="main" class="wrap grid gap-12 py-16 lg:grid-cols-[1.1fr_.9fr] lg:gap-20 lg:py-24">
		<div>
			<p class="eyebrow">{site.hero.eyebrow}</p>
			<h1 class="mt-5 text-[clamp(2.6rem,6vw,4.75rem)]">{title}</h1>
			{paragraphs.map((text) => <p class="mt-7 max-w-[38rem] text-lg leading-relaxed">{text}</p>)}
		</div>
		<div class="grid content-start gap-3">
			<Tile index={1} class="aspect-[4/3] rounded-card" />
			<div class="grid grid-cols-2 gap-3">
				<Tile index={5} class="aspect-square rounded-card" />
				<Tile index={8} class="aspect-square rounded-card" />
			</div>
		</div>
	</main>
	<Footer />
</Base>
`;

/** A square drawing of simple shapes in the site's colours, for places where a photograph will go one day. */
export const TILE = `---
interface Props {
	/** Which drawing; any whole number. */
	index: number;
	class?: string;
}

const { index, class: className } = Astro.props;
const ink = ['accent', 'pop', 'gold', 'soft', 'ink'].map((name) => 'var(--color-' + name + ')');
const turn = (at: number) => ink[(index * 5 + (index >> 2) + at) % 4];
const [a, b, c] = [turn(0), turn(1), turn(2)];
const dots = Array.from({ length: 25 }, (_, at) => ({ x: 20 + (at % 5) * 40, y: 20 + Math.floor(at / 5) * 40 }));
const drawing = index % 9;
---

<svg viewBox="0 0 200 200" preserveAspectRatio="xMidYMid slice" class:list={['block w-full overflow-hidden', className]} aria-hidden="true">
	<rect width="200" height="200" fill={a} />
	{drawing === 0 && <><path d="M30 200v-80a70 70 0 0 1 140 0v80Z" fill={b} /><path d="M62 200v-78a38 38 0 0 1 76 0v78Z" fill={c} /></>}
	{drawing === 1 && <><circle cx="100" cy="92" r="52" fill={b} /><path d="M0 128c40-26 70-22 104-4s66 16 96-6v82H0Z" fill={c} /><path d="M0 164c50-18 90-14 200 0v36H0Z" fill={ink[4]} opacity=".85" /></>}
	{drawing === 2 && <><path d="M0 0h100v100A100 100 0 0 1 0 0Z" fill={b} /><path d="M200 200H100V100a100 100 0 0 1 100 100Z" fill={b} /><path d="M100 0h100a100 100 0 0 1-100 100Z" fill={c} /><circle cx="50" cy="150" r="34" fill={c} /></>}
	{drawing === 3 && <><path d="M100 182C48 150 44 84 100 24c56 60 52 126 0 158Z" fill={b} /><path d="M100 196V58M100 100l30-30M100 132l34-32M100 100 70 70M100 132l-34-32" fill="none" stroke={a} stroke-width="5" /><circle cx="164" cy="38" r="18" fill={c} /></>}
	{drawing === 4 && <>{dots.map(({ x, y }, at) => <circle cx={x} cy={y} r={at % 4 === 0 ? 17 : 8} fill={at % 3 === 0 ? b : c} />)}</>}
	{drawing === 5 && <>{[0, 1, 2, 3, 4].map((at) => <path d={'M0 ' + (44 + at * 36) + 'q25-26 50 0t50 0 50 0 50 0'} fill="none" stroke={at % 2 ? c : b} stroke-width="14" />)}</>}
	{drawing === 6 && <><circle cx="100" cy="100" r="78" fill={b} /><circle cx="100" cy="100" r="54" fill={a} /><circle cx="100" cy="100" r="30" fill={c} /><path d="M0 100h200v100H0Z" fill={ink[4]} opacity=".12" /></>}
	{drawing === 7 && <><path d="M60 200c-30-50-20-90 20-104V66h40v30c40 14 50 54 20 104Z" fill={b} /><path d="M84 66C70 40 60 30 40 28c2 26 20 38 44 38ZM112 62c4-34 18-46 44-52 2 32-14 50-44 52Z" fill={c} /></>}
	{drawing === 8 && <><path d="M0 200V140h50V90h50V50h50V0h50v200Z" fill={b} /><path d="M0 200v-20h70v-40h50V100h80v100Z" fill={c} /><circle cx="46" cy="46" r="26" fill={ink[4]} opacity=".85" /></>}
</svg>
`;
