import { ImageOff } from 'lucide-react';
import { memo } from 'react';
import Base, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

const LOOK = [
	'flex flex-col gap-3 text-pretty [&_a]:text-accent-text [&_a]:underline [&_a]:underline-offset-2',
	'[&_h1]:text-lg [&_h2]:text-lg [&_h1]:font-semibold [&_h2]:font-semibold [&_h3]:font-semibold [&_h4]:font-semibold',
	'[&_ul]:list-disc [&_ol]:list-decimal [&_ul]:pl-5 [&_ol]:pl-5 [&_li]:my-1 [&_hr]:border-line',
	'[&_blockquote]:border-l-2 [&_blockquote]:border-line [&_blockquote]:pl-3 [&_blockquote]:text-ink-soft',
	'[&_:not(pre)>code]:rounded-sm [&_:not(pre)>code]:bg-sunken [&_:not(pre)>code]:px-1 [&_code]:font-mono [&_code]:text-sm',
	'[&_th]:border-b [&_td]:border-b [&_th]:border-line [&_td]:border-line [&_th]:px-2 [&_td]:px-2 [&_th]:py-1 [&_td]:py-1 [&_th]:text-left',
].join(' ');

/**
 * A model's words may come from anywhere, a web page it read included: raw HTML is left out, and nothing is fetched
 * for an image, since its address could carry out what the model knows.
 */
const COMPONENTS: Components = {
	a: ({ href, children }) => (
		<a href={href} target="_blank" rel="noopener noreferrer nofollow">
			{children}
		</a>
	),
	img: ({ alt }) => (
		<span className="inline-flex items-center gap-1 rounded-sm bg-sunken px-1.5 text-ink-soft">
			<ImageOff size={14} aria-hidden />
			Image not loaded{alt ? `: ${alt}` : ''}
		</span>
	),
	pre: ({ children }) => (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
		<pre tabIndex={0} className="overflow-x-auto rounded-md border border-line bg-sunken p-3 text-sm">
			{children}
		</pre>
	),
	table: ({ children }) => (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
		<div tabIndex={0} className="overflow-x-auto">
			<table>{children}</table>
		</div>
	),
	input: ({ checked }) => <span>{checked ? '[x]' : '[ ]'} </span>,
};

/** A message's text. Memoised: while one message streams, the others are not parsed again. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
	return (
		<div className={LOOK}>
			<Base remarkPlugins={[remarkGfm]} components={COMPONENTS} skipHtml>
				{text}
			</Base>
		</div>
	);
});
