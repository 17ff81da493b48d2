import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const { findBrowser } = createRequire(import.meta.url)('../../bin/prepare.cjs') as {
	findBrowser(): string | undefined;
};

const ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Starts the machine's Chromium; a machine without one fails the test. */
export async function openBrowser(): Promise<Browser> {
	const executablePath = findBrowser();
	if (executablePath === undefined)
		throw new Error('There is no Chromium. Run the tests with `npm test`, or set CHROMIUM_PATH.');
	return chromium.launch({ executablePath, headless: true, args: ARGS });
}

/** A page whose errors and refused loads are collected: a story ends with none. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; problems: string[] }> {
	const page = await context.newPage();
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
	});
	return { page, problems };
}

/** Keeps a picture of the page under test-results/, for the eye. */
export async function picture(page: Page, name: string): Promise<void> {
	const dir = join(import.meta.dirname, '../../test-results/pictures');
	mkdirSync(dir, { recursive: true });
	await page.screenshot({ path: join(dir, `${name}.png`) });
}
