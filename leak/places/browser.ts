import type { Page } from 'playwright-core';
import type { Needle } from '../canary.ts';
import { type Finding, findingIn } from './files.ts';

/** What a browser holds of a page: its document, what was typed, and every storage. */
export async function searchBrowser(page: Page, needles: readonly Needle[]): Promise<Finding[]> {
	const content = await page.content();
	const typed = await page.evaluate(() =>
		[...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value).join('\n'),
	);
	const storage = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
	const state = JSON.stringify(await page.context().storageState({ indexedDB: true }));
	return [
		...findingIn('document of the page', Buffer.from(content), needles),
		...findingIn('fields of the page', Buffer.from(typed), needles),
		...findingIn('storage of the page', Buffer.from(storage), needles),
		...findingIn('cookies and databases of the browser', Buffer.from(state), needles),
	];
}
