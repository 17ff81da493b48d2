import type { Kind } from '../site.ts';
import { BOTANIC, BURST, HILLS, PAGES, PRINTS, WINDOW } from './artShapes.ts';

/** Two sprigs of grain: what stands beside the bread. */
const WHEAT = [
	[88, 610, 1],
	[150, 640, 0.8],
]
	.map(([x, y, scale]) => {
		const grains = [0, 1, 2, 3, 4].map((at) => {
			const top = -220 - at * 34;
			return `<ellipse cx="-15" cy="${top}" rx="9" ry="21" transform="rotate(-28 -15 ${top})" /><ellipse cx="15" cy="${top}" rx="9" ry="21" transform="rotate(28 15 ${top})" />`;
		});
		return `<g transform="translate(${x} ${y}) scale(${scale})" fill="@gold"><path d="M0 0V-400" stroke="@gold" stroke-width="7" />${grains.join('')}<ellipse cx="0" cy="-412" rx="9" ry="24" /></g>`;
	})
	.join('\n\t');

const LOAF = `<rect width="600" height="600" fill="@soft" />
	<circle cx="330" cy="262" r="216" fill="@gold" />
	<path d="M0 446h600v154H0Z" fill="@pop" />
	<path d="M128 452c-34 0-50-32-44-74 16-96 116-156 232-156s212 60 226 156c6 42-10 74-44 74Z" fill="@accent" />
	<path d="M86 412h456c-4 26-20 40-44 40H128c-22 0-38-14-42-40Z" fill="@ink" opacity=".2" />
	<path d="M196 318c14-40 40-62 78-72M282 334c16-46 48-72 92-82M378 344c14-36 36-58 68-68" fill="none" stroke="@paper" stroke-width="15" stroke-linecap="round" />
	<path d="M366 548c-8-54 36-92 92-92s100 38 92 92c-2 12-10 18-22 18H388c-12 0-20-6-22-18Z" fill="@gold" />
	<path d="M458 456c-34 18-46 62-40 110M458 456c34 18 46 62 40 110M458 456v110" fill="none" stroke="@accent" stroke-width="9" stroke-linecap="round" />
	${WHEAT.replaceAll('@gold', '@ink')}`;

const CUP = `<rect width="600" height="600" fill="@soft" />
	<path d="M110 470V270a190 190 0 0 1 380 0v200Z" fill="@gold" />
	<path d="M300 80v390M110 290h380" stroke="@soft" stroke-width="10" />
	<path d="M0 466h600v134H0Z" fill="@pop" />
	<ellipse cx="290" cy="484" rx="196" ry="26" fill="@paper" />
	<ellipse cx="290" cy="480" rx="120" ry="14" fill="@ink" opacity=".16" />
	<path d="M418 332h18a48 48 0 0 1 0 96h-44" fill="none" stroke="@accent" stroke-width="24" />
	<path d="M156 306h268v62c0 74-52 114-134 114s-134-40-134-114Z" fill="@accent" />
	<ellipse cx="290" cy="306" rx="134" ry="27" fill="@paper" />
	<ellipse cx="290" cy="309" rx="114" ry="19" fill="@ink" />
	<path d="M236 250c-26-30 22-46-2-84M290 240c-26-32 24-52-2-96M344 250c-26-30 22-46-2-84" fill="none" stroke="@paper" stroke-width="12" stroke-linecap="round" />
	<path d="M548 466c-22-70-30-120-8-190 30 66 28 126 8 190ZM540 466c-46-40-64-86-62-140 44 36 62 84 62 140ZM550 466c8-54 30-92 70-120 0 56-22 92-70 120Z" fill="@ink" opacity=".85" />`;

const SPOKES = [0, 45, 90, 135].map((turn) => `<path d="M-34 0h68" transform="rotate(${turn})" />`).join('');

const PLATE = `<rect width="600" height="600" fill="@accent" />
	<path d="M0 0h600v130C420 190 240 80 0 160Z" fill="@ink" opacity=".18" />
	<circle cx="306" cy="312" r="212" fill="@ink" opacity=".22" />
	<circle cx="300" cy="300" r="210" fill="@paper" />
	<circle cx="300" cy="300" r="152" fill="@surface" stroke="@line" stroke-width="3" />
	<path d="M190 330c0-78 56-122 128-122 60 0 98 34 98 82 0 30-26 34-52 44-40 14-54 70-110 70-40 0-64-30-64-74Z" fill="@pop" />
	<path d="M222 330c4-52 40-86 92-88" fill="none" stroke="@paper" stroke-width="9" stroke-linecap="round" opacity=".6" />
	<path d="M250 250c36-60 88-76 150-60-30 56-84 78-150 60ZM300 356c52-6 88 16 108 64-56 6-92-16-108-64Z" fill="@ink" opacity=".82" />
	<path d="M256 248c40-26 80-42 134-54M304 360c30 16 60 34 96 54" stroke="@surface" stroke-width="4" fill="none" />
	<g transform="translate(226 376)"><circle r="42" fill="@gold" /><circle r="34" fill="@paper" opacity=".5" /><g stroke="@gold" stroke-width="5">${SPOKES}</g></g>
	<g fill="@gold"><circle cx="392" cy="316" r="11" /><circle cx="414" cy="340" r="8" /><circle cx="378" cy="346" r="7" /></g>
	<path d="M44 150v130a22 22 0 0 0 16 21v190M28 150v110M60 150v110M540 490V150c34 40 38 120 26 200h-26" fill="none" stroke="@gold" stroke-width="11" stroke-linecap="round" stroke-linejoin="round" />`;

const VASES = `<rect width="600" height="600" fill="@gold" />
	<path d="M150 480V250a150 150 0 0 1 300 0v230Z" fill="@paper" opacity=".65" />
	<path d="M0 474h600v126H0Z" fill="@ink" opacity=".88" />
	<path d="M236 190c-30-56-26-100 6-150 30 54 28 100-6 150ZM236 200c-60-14-92-44-104-92 56 8 90 36 104 92ZM238 214c26-46 62-70 112-72-12 50-48 74-112 72Z" fill="@pop" />
	<path d="M237 300V150" stroke="@pop" stroke-width="7" />
	<path d="M210 262h54v44c0 30 46 48 46 104 0 40-18 64-36 64h-74c-18 0-36-24-36-64 0-56 46-74 46-104Z" fill="@accent" />
	<path d="M166 392h142" stroke="@paper" stroke-width="8" opacity=".7" />
	<path d="M330 386h190c0 54-36 88-95 88s-95-34-95-88Z" fill="@pop" />
	<ellipse cx="425" cy="386" rx="95" ry="15" fill="@ink" opacity=".5" />
	<path d="M60 400h74v58a16 16 0 0 1-16 16H76a16 16 0 0 1-16-16Z" fill="@soft" />
	<path d="M60 414H46a18 18 0 0 0 0 38h14" fill="none" stroke="@soft" stroke-width="9" />
	<circle cx="482" cy="120" r="46" fill="@accent" />`;

const DRAWINGS: Record<Kind, string> = {
	bakery: LOAF,
	cafe: CUP,
	restaurant: PLATE,
	shop: VASES,
	portfolio: PRINTS,
	studio: PRINTS,
	agency: WINDOW,
	blog: PAGES,
	event: BURST,
	gym: BURST,
	wedding: BOTANIC,
	clinic: BOTANIC,
	product: WINDOW,
	nonprofit: HILLS,
	general: HILLS,
};

/** The large drawing of a kind of site, in the site's colours: `src/components/Art.astro`. */
export function artComponent(kind: Kind): string {
	const drawing = DRAWINGS[kind];
	const box = drawing === WINDOW ? '0 0 960 540' : '0 0 600 600';
	return `---
const { class: className } = Astro.props;
---

<svg viewBox="${box}" preserveAspectRatio="xMidYMid slice" class:list={['block w-full', className]} aria-hidden="true">
	${drawing.replace(/@(\w+)/g, 'var(--color-$1)')}
</svg>
`;
}
