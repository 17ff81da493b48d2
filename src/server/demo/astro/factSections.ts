/** Sections that are lists of facts: what, when, how much, where. */

const READ = `---
import Heading from './Heading.astro';

const { title, intro, items } = Astro.props;
---
`;

export const MENU = `${READ}
<section id="menu" class="section">
	<div class="wrap grid gap-12 lg:grid-cols-[1fr_2fr] lg:gap-20">
		<Heading title={title} intro={intro} class="lg:sticky lg:top-28 lg:self-start" />
		<ul class="grid gap-x-14 sm:grid-cols-2">
			{items.map((item) => (
				<li class="border-b border-line py-6">
					<div class="flex items-baseline justify-between gap-4">
						<h3 class="text-xl">{item.title}</h3>
						<span class="font-semibold text-accent-text tabular-nums">{item.note}</span>
					</div>
					<p class="mt-1.5 text-muted">{item.text}</p>
				</li>
			))}
		</ul>
	</div>
</section>
`;

export const SCHEDULE = `${READ}
<section id="schedule" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ol class="mt-12 border-t border-ink/80">
			{items.map((item) => (
				<li class="grid gap-x-10 gap-y-1 border-b border-line py-6 sm:grid-cols-[10rem_1fr_1fr] sm:items-baseline">
					<span class="font-semibold text-accent-text tabular-nums">{item.note}</span>
					<h3 class="text-2xl">{item.title}</h3>
					<p class="text-muted">{item.text}</p>
				</li>
			))}
		</ol>
	</div>
</section>
`;

export const PRICING = `${READ}
<section id="pricing" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ul class="mt-14 grid gap-5 lg:grid-cols-3">
			{items.map((item, at) => (
				<li class:list={['flex flex-col rounded-card p-8', at === 1 ? 'bg-accent text-on-accent' : 'border border-line']}>
					<h3 class="text-xl">{item.title}</h3>
					<p class:list={['mt-1', at !== 1 && 'text-muted']}>{item.text}</p>
					<p class="mt-8 font-display text-4xl tracking-tight">{item.note}</p>
					<ul class="mt-8 space-y-3">
						{(item.list ?? []).map((line) => (
							<li class="flex gap-3">
								<svg viewBox="0 0 20 20" class="mt-0.5 size-5 shrink-0" fill="none" stroke="currentColor" stroke-width="2.5" aria-hidden="true"><path d="m4 10.5 4 4 8-9" /></svg>
								{line}
							</li>
						))}
					</ul>
				</li>
			))}
		</ul>
	</div>
</section>
`;

export const POSTS = `${READ}
<section id="posts" class="section">
	<div class="wrap">
		<Heading title={title} intro={intro} />
		<ul class="mt-12 border-t border-ink">
			{items.map((item) => (
				<li class="grid gap-2 border-b border-line py-8 sm:grid-cols-[8rem_1fr] sm:gap-8">
					<span class="pt-2 text-sm text-muted">{item.note}</span>
					<div>
						<h3 class="text-[clamp(1.6rem,3vw,2.3rem)]">{item.title}</h3>
						<p class="mt-2 max-w-[40rem] text-lg text-muted">{item.text}</p>
					</div>
				</li>
			))}
		</ul>
	</div>
</section>
`;

export const HOURS = `${READ}
<section id="hours" class="section">
	<div class="wrap grid items-stretch gap-12 lg:grid-cols-2 lg:gap-20">
		<div>
			<Heading title={title} intro={intro} />
			<dl class="mt-10 divide-y divide-line border-y border-line">
				{items.map((item) => (
					<div class="flex justify-between gap-6 py-4">
						<dt>{item.title}</dt>
						<dd class="font-semibold tabular-nums">{item.note}</dd>
					</div>
				))}
			</dl>
		</div>
		<svg viewBox="0 0 480 400" preserveAspectRatio="xMidYMid slice" class="h-full min-h-72 w-full rounded-card" role="img" aria-label="A drawn map with a marker">
			<rect width="480" height="400" fill="var(--color-soft)" />
			<path d="M0 318c110-30 170 40 290 8s130-70 190-60v134H0Z" fill="var(--color-pop)" opacity=".55" />
			<path d="M330 40h110v120H330ZM40 50h90v70H40Z" fill="var(--color-gold)" opacity=".55" />
			<path d="M-10 200 490 150M150-10l60 420M-10 90l500-60M320-10l-40 420M-10 290l500-70" fill="none" stroke="var(--color-paper)" stroke-width="12" />
			<path d="M-10 200 490 150M240-10l10 420" fill="none" stroke="var(--color-paper)" stroke-width="20" />
			<ellipse cx="245" cy="180" rx="26" ry="8" fill="var(--color-ink)" opacity=".2" />
			<path d="M245 178c-38-44-46-62-46-82a46 46 0 0 1 92 0c0 20-8 38-46 82Z" fill="var(--color-accent)" />
			<circle cx="245" cy="96" r="17" fill="var(--color-paper)" />
		</svg>
	</div>
</section>
`;

export const CONTACT = `---
const { title, intro, items } = Astro.props;
---

<section id="contact" class="section relative isolate overflow-hidden bg-accent text-on-accent">
	<svg viewBox="0 0 400 400" class="absolute -right-24 -bottom-40 -z-10 size-[34rem] opacity-15" fill="none" stroke="currentColor" stroke-width="22" aria-hidden="true">
		<circle cx="200" cy="200" r="180" /><circle cx="200" cy="200" r="130" /><circle cx="200" cy="200" r="80" /><circle cx="200" cy="200" r="30" />
	</svg>
	<div class="wrap">
		<h2 class="max-w-[16ch] text-[clamp(2.6rem,7vw,5.5rem)]">{title}</h2>
		<p class="mt-5 max-w-[34rem] text-xl leading-relaxed">{intro}</p>
		<dl class="mt-12 flex flex-wrap gap-x-16 gap-y-6">
			{items.map((item) => (
				<div>
					<dt class="text-sm font-semibold">{item.title}</dt>
					<dd class="mt-1 text-xl">{item.href ? <a class="underline decoration-1 hover:decoration-2" href={item.href}>{item.text}</a> : item.text}</dd>
				</div>
			))}
		</dl>
	</div>
</section>
`;
