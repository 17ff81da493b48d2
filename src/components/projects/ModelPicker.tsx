import { TriangleAlert } from 'lucide-react';
import type { ModelChoice } from '#shared/providers.ts';
import { Badge } from '../ui/Badge.tsx';
import { Combobox } from '../ui/Combobox.tsx';
import { connectionState } from '../ui/connectionState.ts';
import type { OptionGroup } from '../ui/options.ts';
import { ProviderLogo } from '../ui/ProviderLogo.tsx';

export type ModelId = { providerId: string; modelId: string };

type Props = {
	models: ModelChoice[];
	value: ModelId | null;
	onChange: (model: ModelId) => void;
	look?: 'control' | 'ghost';
	className?: string;
};

/** Chooses a model among those of the connected providers, under its provider's name. */
export function ModelPicker({ models, value, onChange, look, className }: Props) {
	const choose = (key: string) => {
		const model = models.find((choice) => keyOf(choice) === key);
		if (model !== undefined) onChange({ providerId: model.providerId, modelId: model.modelId });
	};
	const missing = value === null ? 'Choose a model' : `${value.modelId} (not connected)`;
	return (
		<Combobox
			label="Model"
			value={value === null ? null : keyOf(value)}
			onChange={choose}
			options={toGroups(models)}
			placeholder={missing}
			look={look}
			className={className}
		/>
	);
}

function keyOf(model: ModelId): string {
	return `${model.providerId}/${model.modelId}`;
}

function toGroups(models: ModelChoice[]): OptionGroup[] {
	const groups = new Map<string, OptionGroup>();
	for (const model of models) {
		const group = groups.get(model.providerId) ?? { label: model.providerName, options: [] };
		group.options.push({
			value: keyOf(model),
			text: [model.modelName, model.providerName, troubleWords(model)].filter(Boolean).join(' '),
			label: <ModelLabel model={model} />,
			icon: <ProviderLogo providerId={model.providerId} name={model.providerName} size={16} />,
		});
		groups.set(model.providerId, group);
	}
	return [...groups.values()];
}

/** In the open list the group already names the provider. */
function ModelLabel({ model }: { model: ModelChoice }) {
	return (
		<span className="flex min-w-0 items-center gap-2">
			<span className="truncate">{model.modelName}</span>
			{model.scripted ? (
				<Badge>scripted</Badge>
			) : (
				<span className="truncate text-ink-faint in-[[role=option]]:hidden">{model.providerName}</span>
			)}
			{model.trouble !== null && (
				<span className="inline-flex shrink-0 items-center gap-1 text-xs text-warn">
					<TriangleAlert size={12} aria-hidden />
					{troubleWords(model)}
				</span>
			)}
		</span>
	);
}

/** What is known against the model's provider: "Key rejected". */
function troubleWords({ trouble }: ModelChoice): string {
	return trouble === null ? '' : connectionState(trouble).words;
}
