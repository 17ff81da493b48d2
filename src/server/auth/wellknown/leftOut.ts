import { isRecord } from './document.ts';

/** What doce has no use for, or does itself; nothing is said of it. */
const OWN = new Set([
	'$schema',
	'autoshare',
	'autoupdate',
	'disabled_providers',
	'enabled_providers',
	'keybinds',
	'layout',
	'logLevel',
	'provider',
	'share',
	'theme',
	'tui',
	'username',
]);

const WORDS: Record<string, string> = {
	agent: 'Agents',
	command: 'Commands',
	instructions: 'Instructions',
	mcp: 'MCP servers',
	mode: 'Agents',
	model: 'The default model',
	permission: 'Permissions',
	plugin: 'Plugins',
	skills: 'Skills',
	small_model: 'The small model',
	tools: 'Tools',
};

const MAX_NAMES = 5;

/** What a document configures beside providers, in words: doce takes over none of it. */
export function leftOutOf(config: Record<string, unknown>): string[] {
	const settings = Object.entries(config).filter(([name]) => !OWN.has(name));
	const named = settings.flatMap(([name, value]) => (name in WORDS ? [`${WORDS[name]}${namesOf(value)}`] : []));
	const others = settings.flatMap(([name]) => (name in WORDS ? [] : [name.slice(0, 60)]));
	const rest = others.length === 0 ? [] : [`Other settings: ${listed(others)}`];
	return [...named, ...rest, ...settingsOfModels(config['provider'])];
}

function settingsOfModels(providers: unknown): string[] {
	const models = Object.values(isRecord(providers) ? providers : {}).flatMap((provider) =>
		isRecord(provider) && isRecord(provider['models']) ? Object.values(provider['models']) : [],
	);
	const special = models.some(
		(model) => isRecord(model) && ['headers', 'options', 'variants'].some((name) => name in model),
	);
	return special ? ['Settings of single models'] : [];
}

function namesOf(value: unknown): string {
	const names = Array.isArray(value)
		? value.filter((item) => typeof item === 'string')
		: Object.keys(isRecord(value) ? value : {});
	if (typeof value === 'string') return ` (${value.slice(0, 80)})`;
	return names.length === 0 ? '' : ` (${listed(names.map((name) => name.slice(0, 60)))})`;
}

function listed(names: string[]): string {
	const more = names.length - MAX_NAMES;
	return [...names.slice(0, MAX_NAMES), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
