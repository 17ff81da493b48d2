import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { picture } from './browser.ts';
import type { Doce } from './doce.ts';

/** Opens a page of doce. The server's page is there before the browser has taken it over; a person acts after that. */
export async function visit(page: Page, doce: Doce, path: string): Promise<void> {
	await page.goto(doce.url + path);
	await untilReady(page);
}

export async function untilReady(page: Page): Promise<void> {
	await page.waitForFunction(() => document.querySelector('astro-island[ssr]') === null);
}

/** As the admin that `startDoce` makes. */
export async function signIn(page: Page, doce: Doce): Promise<void> {
	await visit(page, doce, '/signin');
	await page.getByLabel('Username').fill('admin');
	await page.getByLabel('Password', { exact: true }).fill('correct horse');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL((url) => url.pathname !== '/signin');
}

/** Resolves when no colour is on its way to another: halfway between two themes, every contrast is wrong. */
async function untilSettled(page: Page): Promise<void> {
	await page.evaluate(async () => {
		const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
		const running = () => document.getAnimations().some((animation) => animation instanceof CSSTransition);
		do {
			await frame();
			await frame();
		} while (running());
	});
}

/** What axe finds on the page, once it has come to rest. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
	await untilSettled(page);
	await page.evaluate(axe.source);
	const found = await page.evaluate(() =>
		(window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'], iframes: false }),
	);
	return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
}

/** By how many pixels the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
	return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

/** What is wrong with a page, with a picture of it: as it is, then on a phone in the dark. It is left wide and light. */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
	await picture(page, name);
	const faults = await accessibilityFaults(page);
	await page.setViewportSize({ width: 360, height: 740 });
	await page.emulateMedia({ colorScheme: 'dark' });
	await picture(page, `${name}-phone-dark`);
	const tooWide = await overflow(page);
	if (tooWide > 0) faults.push(`${tooWide} pixels wider than the window`);
	faults.push(...(await accessibilityFaults(page)));
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.emulateMedia({ colorScheme: 'light' });
	return faults;
}
