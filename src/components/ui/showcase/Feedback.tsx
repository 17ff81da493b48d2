import { FolderOpen } from 'lucide-react';
import { Badge } from '../Badge.tsx';
import { Button } from '../Button.tsx';
import { Card } from '../Card.tsx';
import { CopyButton } from '../CopyButton.tsx';
import { EmptyState } from '../EmptyState.tsx';
import { Kbd } from '../Kbd.tsx';
import { Progress } from '../Progress.tsx';
import { ProviderLogo } from '../ProviderLogo.tsx';
import { Skeleton } from '../Skeleton.tsx';
import { Spinner } from '../Spinner.tsx';
import { StatusBadge, type Tone } from '../StatusBadge.tsx';
import { Time } from '../Time.tsx';

const TONES: Tone[] = ['ok', 'busy', 'waiting', 'warn', 'bad', 'off'];
const PROVIDERS = [
	'anthropic',
	'openai',
	'google',
	'openrouter',
	'groq',
	'mistral',
	'xai',
	'azure',
	'amazon-bedrock',
	'ollama',
	'unknown-co',
];

/** What tells how things stand. */
export function Feedback({ now }: { now: string }) {
	const ago = (ms: number) => new Date(Date.parse(now) - ms).toISOString();
	return (
		<div className="flex flex-col gap-5">
			<div className="flex flex-wrap gap-2">
				{TONES.map((tone) => (
					<StatusBadge key={tone} tone={tone}>
						{tone}
					</StatusBadge>
				))}
				<Badge>Neutral</Badge>
				<Badge tone="accent">Default</Badge>
			</div>
			<div className="flex flex-wrap items-center gap-4">
				<Spinner label="Starting the preview" />
				<span>
					<Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd>
				</span>
				<code className="font-mono">WDJB-MJHT</code>
				<CopyButton text="WDJB-MJHT" label="Copy code" />
				<Time at={ago(20_000)} />
				<Time at={ago(240_000)} />
				<Time at={ago(7_300_000)} />
				<Time at={ago(90_000_000)} />
				<Time at={ago(9_000_000_000)} />
			</div>
			<div className="flex flex-wrap items-center gap-4">
				{PROVIDERS.map((id) => (
					<ProviderLogo key={id} providerId={id} name={id} size={24} />
				))}
			</div>
			<div className="grid gap-5 sm:grid-cols-2">
				<Card>
					<Progress label="Removing the key" value={3} max={4} text="3 of 4 projects" />
				</Card>
				<Card>
					<Progress label="Asking the provider" value={null} />
				</Card>
				<Card className="flex flex-col gap-2">
					<Skeleton className="h-4 w-1/2" />
					<Skeleton className="h-4 w-full" />
					<Skeleton className="h-4 w-3/4" />
				</Card>
				<Card>
					<EmptyState
						icon={<FolderOpen size={24} aria-hidden />}
						title="No projects yet"
						action={<Button>New project</Button>}
					>
						Describe a site and watch it being built.
					</EmptyState>
				</Card>
			</div>
		</div>
	);
}
