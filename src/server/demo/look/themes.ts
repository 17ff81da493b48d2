import type { Look, Style } from '../site.ts';
import { coloursOf, css } from './colours.ts';

type Type = {
	display: string;
	body: string;
	weight: number;
	tracking: string;
	leading: number;
	transform: 'none' | 'uppercase';
	card: string;
	button: string;
};

/** Only fonts that come with a system: a site asks no other host for anything. */
const OLD_STYLE = "'Iowan Old Style', 'Palatino Linotype', Palatino, 'URW Palladio L', P052, 'Times New Roman', serif";
const DIDONE = "Didot, 'Bodoni MT', 'Noto Serif Display', 'Times New Roman', serif";
const TRANSITIONAL = "Charter, 'Bitstream Charter', 'Sitka Text', Cambria, 'Times New Roman', serif";
const GEOMETRIC = "'Avenir Next', Avenir, Montserrat, Corbel, 'URW Gothic', 'Helvetica Neue', Arial, sans-serif";
const GROTESQUE = "Inter, 'Helvetica Neue', 'Arial Nova', 'Nimbus Sans', Arial, sans-serif";
const CONDENSED =
	"'Avenir Next Condensed', Bahnschrift, 'DIN Condensed', 'Arial Narrow', 'Nimbus Sans Narrow', sans-serif";
const HUMANIST = "Optima, Seravek, 'Gill Sans Nova', Candara, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

const TYPES: Record<Style, Type> = {
	hearth: {
		display: OLD_STYLE,
		body: GEOMETRIC,
		weight: 500,
		tracking: '-0.022em',
		leading: 1.02,
		transform: 'none',
		card: '1.5rem',
		button: '999px',
	},
	editorial: {
		display: DIDONE,
		body: TRANSITIONAL,
		weight: 400,
		tracking: '-0.03em',
		leading: 0.98,
		transform: 'none',
		card: '0px',
		button: '0px',
	},
	studio: {
		display: GROTESQUE,
		body: GROTESQUE,
		weight: 600,
		tracking: '-0.045em',
		leading: 0.98,
		transform: 'none',
		card: '0.25rem',
		button: '0.25rem',
	},
	product: {
		display: GEOMETRIC,
		body: GEOMETRIC,
		weight: 700,
		tracking: '-0.035em',
		leading: 1.04,
		transform: 'none',
		card: '1.25rem',
		button: '0.75rem',
	},
	poster: {
		display: CONDENSED,
		body: GROTESQUE,
		weight: 800,
		tracking: '-0.025em',
		leading: 0.9,
		transform: 'uppercase',
		card: '0px',
		button: '0px',
	},
	garden: {
		display: OLD_STYLE,
		body: HUMANIST,
		weight: 400,
		tracking: '-0.025em',
		leading: 1.04,
		transform: 'none',
		card: '2rem',
		button: '999px',
	},
};

/** The text of `src/styles/global.css`: the palette and the type of a look, as Tailwind theme values. */
export function themeCss(look: Look): string {
	const type = TYPES[look.style];
	const colours = Object.entries(coloursOf(look)).map(([name, colour]) => `\t--color-${name}: ${css(colour)};`);
	return `@import "tailwindcss";

/* The whole look: change a value here and every section follows. */
@theme {
${colours.join('\n')}
	--font-display: ${type.display};
	--font-body: ${type.body};
	--radius-card: ${type.card};
	--radius-button: ${type.button};
}

:root {
	color-scheme: ${look.mode};
	--display-weight: ${type.weight};
	--display-tracking: ${type.tracking};
	--display-leading: ${type.leading};
	--display-case: ${type.transform};
}
${BASE_CSS}`;
}

const BASE_CSS = `
@layer base {
	html {
		scroll-behavior: smooth;
		scroll-padding-top: 5rem;
	}
	body {
		@apply bg-paper font-body text-ink antialiased;
		text-wrap: pretty;
	}
	h1,
	h2,
	h3 {
		font-family: var(--font-display);
		font-weight: var(--display-weight);
		letter-spacing: var(--display-tracking);
		line-height: var(--display-leading);
		text-transform: var(--display-case);
		text-wrap: balance;
	}
	h3 {
		letter-spacing: -0.01em;
		line-height: 1.2;
	}
	a,
	summary {
		text-underline-offset: 0.25em;
	}
	:focus-visible {
		outline: 3px solid var(--color-accent-text);
		outline-offset: 3px;
	}
	::selection {
		background: var(--color-gold);
		color: oklch(20% 0.02 80);
	}
	@media (prefers-reduced-motion: reduce) {
		html {
			scroll-behavior: auto;
		}
	}
}

@layer components {
	.wrap {
		@apply mx-auto w-full max-w-6xl px-5 sm:px-8;
	}
	.section {
		@apply py-16 sm:py-24;
	}
	main > .section:nth-of-type(even) {
		@apply bg-surface;
	}
	.eyebrow {
		@apply text-[0.8125rem] font-semibold tracking-[0.14em] text-accent-text uppercase;
	}
	.button {
		@apply inline-flex min-h-12 items-center justify-center rounded-button bg-accent px-6 py-3 font-semibold text-on-accent transition hover:brightness-110;
	}
	.button-quiet {
		@apply inline-flex min-h-12 items-center justify-center rounded-button border border-current px-6 py-3 font-semibold transition hover:opacity-70;
	}
}
`;
