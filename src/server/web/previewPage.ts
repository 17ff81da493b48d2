import type { ServerResponse } from 'node:http';

type Page = 'locked' | 'unknown' | 'starting' | 'stopped' | 'away' | 'error';

const WORDS: Record<Page, { title: string; text: string; link: string; waits: boolean }> = {
	locked: {
		title: 'Open this preview from doce',
		text: 'A preview is shown to people who are signed in to doce. Open the project there and choose “Open preview”.',
		link: 'Go to doce',
		waits: false,
	},
	unknown: {
		title: 'There is no such project',
		text: 'It may have been deleted or renamed.',
		link: 'Go to doce',
		waits: false,
	},
	starting: {
		title: 'The preview is starting',
		text: 'This page opens by itself in a moment.',
		link: 'See the steps',
		waits: true,
	},
	stopped: {
		title: 'Waking the project up',
		text: 'It was stopped. This page opens by itself in a moment.',
		link: 'See the steps',
		waits: true,
	},
	away: {
		title: 'Projects cannot run now',
		text: 'doce waits for what runs them.',
		link: 'Open the project',
		waits: true,
	},
	error: {
		title: 'The project could not start',
		text: 'The project page says what happened and what to do.',
		link: 'Open the project',
		waits: false,
	},
};

/** A small page of doce's own in place of a preview that cannot be shown (yet). `text` takes the place of the usual one. */
export function previewPage(
	response: ServerResponse,
	status: number,
	page: Page,
	href: string,
	{ cookies = [], text }: { cookies?: string[]; text?: string } = {},
): void {
	const { title, link, waits, text: usual } = WORDS[page];
	const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${waits ? '<meta http-equiv="refresh" content="2">' : ''}<title>${title}</title><style>
:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif}
main{max-width:26rem;padding:2rem;text-align:center}h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:0 0 1.5rem;opacity:.75}a{color:inherit}
</style></head><body><main><h1>${title}</h1><p>${escapeHtml(text ?? usual)}</p><a href="${encodeURI(href)}" target="_top">${link}</a></main></body></html>`;
	response.writeHead(status, {
		'content-type': 'text/html; charset=utf-8',
		'cache-control': 'no-store',
		'x-content-type-options': 'nosniff',
		'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
		...(status === 503 && { 'retry-after': '2' }),
		...(cookies.length > 0 && { 'set-cookie': cookies }),
	});
	response.end(html);
}

function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
