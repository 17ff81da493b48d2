import { expect, it } from 'vitest';
import { browserWords } from './browserWords.ts';

it('tells browsers apart that all claim to be each other', () => {
	const chrome =
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
	expect(browserWords(chrome)).toEqual({ name: 'Chrome on Windows', phone: false });
	expect(browserWords(`${chrome} Edg/142.0`).name).toBe('Edge on Windows');
	const iphone =
		'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1';
	expect(browserWords(iphone)).toEqual({ name: 'Safari on iOS', phone: true });
	const android = 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0';
	expect(browserWords(android)).toEqual({ name: 'Firefox on Android', phone: true });
});

it('admits what it does not know', () => {
	expect(browserWords(null)).toEqual({ name: 'Unknown browser', phone: false });
});
