import { actions } from 'astro:actions';
import { Laptop, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { callAction } from '../ui/callAction.ts';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { Time } from '../ui/Time.tsx';
import { toast } from '../ui/toast.ts';
import { browserWords } from './browserWords.ts';

export type SessionView = {
	id: string;
	createdAt: string;
	lastSeenAt: string;
	address: string | null;
	userAgent: string | null;
	current: boolean;
};

type Props = { sessions: SessionView[] };

/** Where one is signed in, with a way to end it. */
export function Sessions({ sessions }: Props) {
	const [list, setList] = useState(sessions);
	const [ending, setEnding] = useState<string | null>(null);
	const end = async (session: SessionView) => {
		setEnding(session.id);
		const result = await callAction(actions.users.revokeSession({ sessionId: session.id }));
		setEnding(null);
		if (!result.ok) return void toast.bad('The session was not ended', result.message);
		setList((before) => before.filter((entry) => entry.id !== session.id));
	};
	return (
		<section aria-labelledby="sessions">
			<SectionHeader id="sessions" title="Sessions">
				Browsers in which you are signed in. A session ends after 7 days without use.
			</SectionHeader>
			<Card flush>
				<ul aria-label="Sessions" className="divide-y divide-line">
					{list.map((session) => (
						<SessionRow key={session.id} session={session} ending={ending === session.id} onEnd={() => end(session)} />
					))}
				</ul>
			</Card>
		</section>
	);
}

function SessionRow({ session, ending, onEnd }: { session: SessionView; ending: boolean; onEnd: () => void }) {
	const { name, phone } = browserWords(session.userAgent);
	const Icon = phone ? Smartphone : Laptop;
	return (
		<li className="flex items-center gap-3 p-4">
			<Icon size={18} aria-hidden className="shrink-0 text-ink-faint" />
			<div className="min-w-0 flex-1">
				<p className="flex flex-wrap items-center gap-2 font-medium">
					{name}
					{session.current && <Badge tone="accent">This browser</Badge>}
				</p>
				<p className="mt-0.5 text-sm text-ink-soft">
					{session.address !== null && <span className="tabular">{session.address} · </span>}
					last seen <Time at={session.lastSeenAt} /> · since <Time at={session.createdAt} />
				</p>
			</div>
			{!session.current && (
				<Button size="sm" busy={ending} onClick={onEnd} aria-label={`End the session of ${name}`}>
					{ending ? 'Ending…' : 'End'}
				</Button>
			)}
		</li>
	);
}
