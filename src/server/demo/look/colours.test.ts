import { expect, test } from 'vitest';
import { type Look, PALETTES } from '../site.ts';
import { type Colour, type Colours, coloursOf, fromHex } from './colours.ts';

const MODES = ['light', 'dark'] as const;
const HEXES = ['#ff6600', '#ffee00', '#0000ff', '#00ff00', '#111111', '#ffffff', '#7a3cff', '#808080'];

const PAIRS: [keyof Colours, keyof Colours][] = [
	['ink', 'paper'],
	['ink', 'surface'],
	['ink', 'soft'],
	['muted', 'paper'],
	['muted', 'surface'],
	['accent-text', 'paper'],
	['accent-text', 'surface'],
	['accent-text', 'soft'],
	['on-accent', 'accent'],
];

const LOOKS: Look[] = MODES.flatMap((mode) => [
	...PALETTES.map((palette): Look => ({ style: 'hearth', palette, mode })),
	...HEXES.map((accent): Look => ({ style: 'hearth', palette: 'mono', mode, accent })),
]);

test.each(LOOKS)('text can be read in $palette $accent, $mode', (look) => {
	const colours = coloursOf(look);
	const weak = PAIRS.filter(([text, ground]) => contrast(colours[text], colours[ground]) < 4.5);
	expect(weak).toEqual([]);
});

test('a colour in hex is that colour', () => {
	expect(fromHex('#ff0000').map((value) => Number(value.toFixed(3)))).toEqual([0.628, 0.258, 29.234]);
	expect(luminance(fromHex('#808080'))).toBeCloseTo(0.2159, 3);
});

/** The contrast of WCAG 2. */
function contrast(one: Colour, other: Colour): number {
	const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

function luminance([lightness, chroma, hue]: Colour): number {
	const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
	const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
	const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
	const shown = (value: number) => Math.min(1, Math.max(0, value));
	return 0.2126 * shown(red) + 0.7152 * shown(green) + 0.0722 * shown(blue);
}
