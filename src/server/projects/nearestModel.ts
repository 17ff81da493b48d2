/** Families that build sites well today, best first; a model of none of them ranks behind all of them. */
const FAMILIES = [
	/claude.*sonnet/,
	/gpt-5(?!.*(nano|mini|chat))/,
	/claude.*opus/,
	/gemini.*pro/,
	/kimi-k2/,
	/glm-\d/,
	/qwen.*coder/,
	/deepseek/,
	/grok/,
];

/** The rank of a model's family; smaller is better. */
export function rankOfFamily(modelId: string): number {
	const family = FAMILIES.findIndex((pattern) => pattern.test(modelId.toLowerCase()));
	return family === -1 ? FAMILIES.length : family;
}

/** Of `models`, best first: the wanted one under whichever name the provider has for it, else the best of its family, else the best. */
export function nearestModel<M extends { id: string }>(models: readonly M[], wanted: string): M | undefined {
	const plain = plainName(wanted);
	return (
		models.find(({ id }) => id === wanted) ??
		models.find(({ id }) => plainName(id) === plain) ??
		models.find(({ id }) => rankOfFamily(id) === rankOfFamily(wanted) && rankOfFamily(id) < FAMILIES.length) ??
		models[0]
	);
}

/** `anthropic/claude-sonnet-4.5` and `claude-sonnet-4-5-20250929` are the same model. */
function plainName(id: string): string {
	const last = id.toLowerCase().split('/').at(-1) ?? '';
	return last.replace(/[-@:](20\d{6}|latest|free|preview)$/, '').replace(/[._]/g, '-');
}
