import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** How far from the end still counts as reading the end, in px. */
const NEAR = 48;

interface Stick {
	scroller: RefObject<HTMLDivElement | null>;
	content: RefObject<HTMLDivElement | null>;
	atBottom: boolean;
	onScroll: () => void;
	toBottom: () => void;
}

/** Follows growing content while the person reads its end, and leaves them alone when they have scrolled up. */
export function useStickToBottom(): Stick {
	const scroller = useRef<HTMLDivElement>(null);
	const content = useRef<HTMLDivElement>(null);
	const follows = useRef(true);
	const [atBottom, setAtBottom] = useState(true);

	const toBottom = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });

	useLayoutEffect(() => {
		const box = scroller.current;
		const inner = content.current;
		if (box === null || inner === null) return;
		const follow = new ResizeObserver(() => {
			if (follows.current) box.scrollTo({ top: box.scrollHeight });
		});
		follow.observe(inner);
		follow.observe(box);
		return () => follow.disconnect();
	}, []);

	const onScroll = () => {
		const box = scroller.current;
		if (box === null) return;
		follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
		setAtBottom(follows.current);
	};
	return { scroller, content, atBottom, onScroll, toBottom };
}
