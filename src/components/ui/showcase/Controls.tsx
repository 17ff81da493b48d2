import { Plus, Settings } from 'lucide-react';
import { useState } from 'react';
import { Button, type ButtonSize, type ButtonVariant } from '../Button.tsx';
import { Combobox } from '../Combobox.tsx';
import { Field } from '../Field.tsx';
import { IconButton } from '../IconButton.tsx';
import { Input } from '../Input.tsx';
import { SecretInput } from '../SecretInput.tsx';
import { Select } from '../Select.tsx';
import { Switch } from '../Switch.tsx';
import { Textarea } from '../Textarea.tsx';

const VARIANTS: ButtonVariant[] = ['primary', 'secondary', 'ghost', 'danger'];
const SIZES: ButtonSize[] = ['sm', 'md', 'lg'];
const MODELS = ['claude-sonnet-4-5', 'claude-opus-4-1', 'claude-haiku-4-5'].map((id) => ({ value: id, text: id }));
const GROUPS = [
	{ label: 'Anthropic', options: MODELS },
	{
		label: 'OpenRouter',
		options: Array.from({ length: 30 }, (_, at) => ({ value: `or-${at}`, text: `vendor/model-${at}` })),
	},
];

/** What one clicks and types into, in every state. */
export function Controls() {
	return (
		<div className="flex flex-col gap-6">
			{VARIANTS.map((variant) => (
				<div key={variant} className="flex flex-wrap items-center gap-2">
					{SIZES.map((size) => (
						<Button key={size} variant={variant} size={size} icon={<Plus size={14} aria-hidden />}>
							{variant} {size}
						</Button>
					))}
					<Button variant={variant} busy>
						Saving…
					</Button>
					<Button variant={variant} disabledReason="Choose a model first.">
						Not now
					</Button>
				</div>
			))}
			<div className="flex flex-wrap items-center gap-2">
				<Button href="#main">A link</Button>
				<IconButton label="Settings" icon={<Settings size={16} aria-hidden />} />
				<IconButton label="Settings, small" size="sm" icon={<Settings size={14} aria-hidden />} />
				<IconButton label="Settings, off" disabled icon={<Settings size={16} aria-hidden />} />
			</div>
			<Fields />
		</div>
	);
}

function Fields() {
	const [model, setModel] = useState('claude-opus-4-1');
	const [on, setOn] = useState(true);
	return (
		<div className="grid gap-5 sm:grid-cols-2">
			<Field label="Name" hint="How it is called in lists.">
				<Input placeholder="My site" />
			</Field>
			<Field label="Base URL" error="This is not an address. It starts with https://">
				<Input defaultValue="llm.example.com" mono />
			</Field>
			<Field label="API key" optional>
				<SecretInput what="key" defaultValue="sk-not-a-real-key" />
			</Field>
			<Field label="Locked">
				<Input defaultValue="Cannot be changed" disabled />
			</Field>
			<Field label="Prompt">
				<Textarea placeholder="Describe the site you want" />
			</Field>
			<Field label="Prompt, refused" error="Write a message first.">
				<Textarea />
			</Field>
			<Field label="Model">
				<Select value={model} onChange={setModel} options={MODELS} />
			</Field>
			<Combobox label="Model with search" value={model} onChange={setModel} options={GROUPS} className="self-end" />
			<Switch label="Local server" hint="Allows a private address." checked={on} onChange={setOn} />
			<Switch label="Off and fixed" checked={false} onChange={setOn} disabled />
			<Select label="In a bar" look="ghost" value={null} onChange={setModel} options={MODELS} placeholder="Any model" />
		</div>
	);
}
