import type { Look, Palette } from '../site.ts';

/** Lightness 0-1, chroma, hue in degrees (OKLCH). */
export type Colour = readonly [lightness: number, chroma: number, hue: number];

export type Colours = Readonly<
	Record<
		'paper' | 'surface' | 'soft' | 'line' | 'muted' | 'ink' | 'accent' | 'on-accent' | 'accent-text' | 'pop' | 'gold',
		Colour
	>
>;

/** A palette is a tint for paper and ink, and three inks that go together. */
type Inks = { tint: readonly [chroma: number, hue: number]; accent: Colour; pop: Colour; gold: Colour };

const INKS: Record<Palette, Inks> = {
	terracotta: { tint: [0.022, 70], accent: [0.56, 0.145, 40], pop: [0.47, 0.06, 155], gold: [0.81, 0.12, 78] },
	cocoa: { tint: [0.02, 65], accent: [0.43, 0.075, 50], pop: [0.66, 0.13, 50], gold: [0.83, 0.09, 80] },
	orange: { tint: [0.02, 75], accent: [0.7, 0.18, 50], pop: [0.45, 0.1, 265], gold: [0.85, 0.14, 88] },
	sun: { tint: [0.026, 92], accent: [0.84, 0.165, 88], pop: [0.55, 0.16, 30], gold: [0.72, 0.1, 200] },
	sage: { tint: [0.014, 130], accent: [0.5, 0.06, 145], pop: [0.7, 0.1, 50], gold: [0.86, 0.08, 95] },
	forest: { tint: [0.016, 110], accent: [0.42, 0.085, 155], pop: [0.66, 0.15, 45], gold: [0.85, 0.12, 92] },
	teal: { tint: [0.012, 190], accent: [0.5, 0.085, 195], pop: [0.7, 0.15, 35], gold: [0.87, 0.11, 90] },
	ocean: { tint: [0.011, 240], accent: [0.53, 0.17, 255], pop: [0.72, 0.14, 200], gold: [0.84, 0.13, 82] },
	navy: { tint: [0.011, 255], accent: [0.36, 0.1, 262], pop: [0.66, 0.17, 38], gold: [0.84, 0.11, 85] },
	lavender: { tint: [0.014, 300], accent: [0.56, 0.14, 295], pop: [0.74, 0.12, 10], gold: [0.87, 0.09, 100] },
	plum: { tint: [0.014, 330], accent: [0.41, 0.12, 335], pop: [0.7, 0.15, 25], gold: [0.85, 0.1, 85] },
	rose: { tint: [0.016, 10], accent: [0.55, 0.15, 5], pop: [0.48, 0.07, 160], gold: [0.87, 0.08, 70] },
	crimson: { tint: [0.014, 40], accent: [0.5, 0.185, 25], pop: [0.36, 0.06, 260], gold: [0.84, 0.13, 82] },
	mono: { tint: [0.003, 90], accent: [0.26, 0.005, 90], pop: [0.62, 0.19, 33], gold: [0.8, 0.01, 90] },
};

/** Every colour of a look, for paper and screen alike: text on its ground has a contrast of 4.5 or more. */
export function coloursOf(look: Look): Colours {
	const inks = look.accent ? inksOf(fromHex(look.accent)) : INKS[look.palette];
	return look.mode === 'dark' ? dark(inks) : light(inks);
}

export function css([lightness, chroma, hue]: Colour): string {
	return `oklch(${round(lightness * 100, 1)}% ${round(chroma, 3)} ${round(hue, 1)})`;
}

/** Reads `#rrggbb` into OKLCH (Björn Ottosson's matrices). */
export function fromHex(hex: string): Colour {
	const [r, g, b] = [1, 3, 5].map((at) => toLinear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as [
		number,
		number,
		number,
	];
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
	const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
	const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
	return [lightness, Math.hypot(a, bb), ((Math.atan2(bb, a) * 180) / Math.PI + 360) % 360];
}

function toLinear(value: number): number {
	return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function light({ tint: [chroma, hue], accent, pop, gold }: Inks): Colours {
	return {
		paper: [0.984, chroma * 0.4, hue],
		surface: [0.958, chroma * 0.8, hue],
		soft: [0.912, chroma * 1.5, hue],
		line: [0.865, chroma, hue],
		muted: [0.45, chroma, hue],
		ink: [0.22, chroma, hue],
		accent,
		'on-accent': onAccent(accent),
		'accent-text': [Math.min(accent[0], 0.46), Math.min(accent[1], 0.16), accent[2]],
		pop,
		gold,
	};
}

function dark({ tint: [chroma, hue], accent, pop, gold }: Inks): Colours {
	const lit: Colour = [Math.max(accent[0] + 0.16, 0.74), Math.min(accent[1], 0.14), accent[2]];
	return {
		paper: [0.175, chroma * 0.7, hue],
		surface: [0.215, chroma * 0.8, hue],
		soft: [0.28, chroma, hue],
		line: [0.34, chroma, hue],
		muted: [0.76, chroma * 0.8, hue],
		ink: [0.955, chroma * 0.5, hue],
		accent: lit,
		'on-accent': onAccent(lit),
		'accent-text': [Math.max(lit[0], 0.78), lit[1], lit[2]],
		pop: [Math.max(pop[0], 0.6), pop[1], pop[2]],
		gold: [gold[0] * 0.95, gold[1], gold[2]],
	};
}

function inksOf(accent: Colour): Inks {
	const [, chroma, hue] = accent;
	return {
		tint: [Math.min(0.018, chroma * 0.2), hue],
		accent,
		pop: [0.66, Math.min(0.15, chroma), (hue + 150) % 360],
		gold: [0.85, Math.min(0.11, chroma), (hue + 45) % 360],
	};
}

function onAccent([lightness, , hue]: Colour): Colour {
	return lightness > 0.585 ? [0.19, 0.03, hue] : [0.99, 0.008, hue];
}

function round(value: number, digits: number): number {
	return Number(value.toFixed(digits));
}
