import { AppError } from '#server/errors.ts';
import { PACKAGE_OF_FORMAT } from '#server/opencode/config.ts';
import { type WireFormat, wireFormat } from '#shared/providers.ts';

/** Come with OpenCode and take a key and an address; others it would download, or they want another kind of credential. */
const USABLE = new Set([
	...Object.values(PACKAGE_OF_FORMAT),
	'@ai-sdk/alibaba',
	'@ai-sdk/azure',
	'@ai-sdk/cerebras',
	'@ai-sdk/cohere',
	'@ai-sdk/deepinfra',
	'@ai-sdk/gateway',
	'@ai-sdk/groq',
	'@ai-sdk/mistral',
	'@ai-sdk/perplexity',
	'@ai-sdk/togetherai',
	'@ai-sdk/vercel',
	'@ai-sdk/xai',
	'@openrouter/ai-sdk-provider',
	'venice-ai-sdk-provider',
]);

/** Throws `AppError('invalid')` for a package that a project could not use. */
export function requirePackage(npm: string): void {
	if (USABLE.has(npm)) return;
	throw new AppError(
		'invalid',
		`It needs the package ${npm.slice(0, 100)}, which does not come with OpenCode as doce runs it.`,
	);
}

/** The wire format of a package; null for that of the catalogue, or of a package with ways of its own. */
export function formatOfPackage(npm: string | undefined, isKnown: boolean): WireFormat | null {
	if (npm === undefined) return isKnown ? null : 'chat-completions';
	return wireFormat.options.find((format) => PACKAGE_OF_FORMAT[format] === npm) ?? null;
}
