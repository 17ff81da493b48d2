import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'react';
import { languageFor } from './languages.ts';

const theme = EditorView.theme({
	'&': { height: '100%', color: 'var(--color-ink)', backgroundColor: 'var(--color-surface)' },
	'&.cm-focused': { outline: '2px solid var(--color-accent-text)', outlineOffset: '-2px' },
	'.cm-scroller': { fontFamily: 'var(--font-mono)', fontSize: '12px', lineHeight: '1.6' },
	'.cm-gutters': {
		color: 'var(--color-ink-faint)',
		backgroundColor: 'var(--color-surface)',
		borderRight: '1px solid var(--color-line)',
	},
	'.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
	'.cm-selectionMatch': { backgroundColor: 'var(--color-accent-soft)' },
	'.cm-panels': { color: 'var(--color-ink)', backgroundColor: 'var(--color-raised)' },
});

const colours = HighlightStyle.define([
	{ tag: [tags.keyword, tags.operatorKeyword, tags.tagName], color: 'var(--color-accent-text)' },
	{ tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: 'var(--color-ok)' },
	{ tag: [tags.number, tags.bool, tags.null, tags.color, tags.unit], color: 'var(--color-warn)' },
	{ tag: [tags.attributeName, tags.propertyName], color: 'var(--color-busy)' },
	{ tag: [tags.comment, tags.meta, tags.punctuation, tags.angleBracket], color: 'var(--color-ink-faint)' },
	{ tag: [tags.heading, tags.strong], fontWeight: '600' },
	{ tag: tags.link, textDecoration: 'underline' },
]);

type Props = { path: string; content: string };

/**
 * A file to read, in colour. It lives in a shadow root: there the editor's styles are adopted sheets, which the
 * content security policy allows, where in the page they would be style elements, which it refuses.
 */
export default function CodeView({ path, content }: Props) {
	const host = useRef<HTMLDivElement>(null);

	useEffect(() => {
		if (host.current === null) return;
		const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
		let view: EditorView | undefined;
		let gone = false;
		void languageFor(path).then((language) => {
			if (gone) return;
			const label = EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': path, 'aria-readonly': 'true' });
			const readOnly = [EditorView.editable.of(false), label, EditorView.lineWrapping];
			const extensions = [theme, syntaxHighlighting(colours), basicSetup, ...readOnly, ...(language ? [language] : [])];
			view = new EditorView({ doc: content, extensions, root, parent: root });
		});
		return () => {
			gone = true;
			view?.destroy();
		};
	}, [path, content]);

	return <div ref={host} className="h-full overflow-hidden" />;
}
