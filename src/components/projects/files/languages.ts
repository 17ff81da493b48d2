import type { LanguageSupport } from '@codemirror/language';

type Loader = () => Promise<LanguageSupport>;

const script =
	(typescript: boolean): Loader =>
	async () =>
		(await import('@codemirror/lang-javascript')).javascript({ typescript, jsx: true });
const html: Loader = async () => (await import('@codemirror/lang-html')).html();
const css: Loader = async () => (await import('@codemirror/lang-css')).css();
const json: Loader = async () => (await import('@codemirror/lang-json')).json();
const markdown: Loader = async () => (await import('@codemirror/lang-markdown')).markdown();

const BY_EXTENSION: Record<string, Loader> = {
	astro: html,
	cjs: script(false),
	css,
	htm: html,
	html,
	js: script(false),
	json,
	jsx: script(false),
	md: markdown,
	mdx: markdown,
	mjs: script(false),
	mts: script(true),
	svelte: html,
	svg: html,
	ts: script(true),
	tsx: script(true),
	vue: html,
	webmanifest: json,
	xml: html,
};

/** Colours for a file, loaded when first needed; undefined for one that is shown plain. */
export async function languageFor(path: string): Promise<LanguageSupport | undefined> {
	const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
	return await BY_EXTENSION[extension]?.();
}
