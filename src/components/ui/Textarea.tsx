import { Field } from '@base-ui/react/field';
import type { Ref, TextareaHTMLAttributes } from 'react';
import { cx } from './cx.ts';
import { CONTROL } from './Input.tsx';

type Props = TextareaHTMLAttributes<HTMLTextAreaElement> & {
	ref?: Ref<HTMLTextAreaElement> | undefined;
	mono?: boolean | undefined;
};

/** Several lines of text; grows with what is typed (set `max-h-…` to stop it). Inside a Field it is wired by itself. */
export function Textarea({ className, mono, ref, rows = 3, ...rest }: Props) {
	// A field that grows with its content forgets `rows`: lines of 20 px, and the padding and edges around them.
	const style = { minHeight: rows * 20 + 18 };
	const look = cx(CONTROL, 'block resize-none py-2 field-sizing-content', mono && 'font-mono', className);
	return <Field.Control render={<textarea {...rest} ref={ref} rows={rows} style={style} className={look} />} />;
}
