import { type ConnectProviderInput, connectProviderInput, type WireFormat } from '#shared/providers.ts';

export type HeaderLine = { key: number; name: string; value: string };

export type CustomForm = {
	name: string;
	/** Null as long as it follows the name. */
	id: string | null;
	baseURL: string;
	format: WireFormat;
	apiKey: string;
	headers: HeaderLine[];
	/** One model id a line. */
	models: string;
	local: boolean;
};

type CustomField = 'name' | 'id' | 'baseURL' | 'apiKey' | 'headers' | 'models';
export type CustomErrors = Partial<Record<CustomField, string>>;

export const FORMATS: { value: WireFormat; text: string; hint: string }[] = [
	{
		value: 'chat-completions',
		text: 'Chat completions',
		hint: 'OpenAI-compatible: Ollama, LM Studio, vLLM and most others',
	},
	{ value: 'responses', text: 'Responses', hint: 'The newer format of OpenAI' },
	{ value: 'messages', text: 'Messages', hint: 'As Anthropic speaks it' },
	{ value: 'generate-content', text: 'Generate content', hint: 'As Google Gemini speaks it' },
];

export function emptyCustomForm(name: string): CustomForm {
	return { name, id: null, baseURL: '', format: 'chat-completions', apiKey: '', headers: [], models: '', local: false };
}

/** The id as it will be saved: what was typed, or the name in the letters an id may have. */
export function customId({ id, name }: Pick<CustomForm, 'id' | 'name'>): string {
	const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
	return (
		id ??
		plain
			.replace(/[^a-z0-9]+/g, '-')
			.replace(/^-+|-+$/g, '')
			.slice(0, 64)
	);
}

/** The headers that were filled in, by name; undefined when there are none. */
export function customHeaders(lines: HeaderLine[]): Record<string, string> | undefined {
	const filled = lines.map(({ name, value }) => [name.trim(), value.trim()] as const).filter(([name]) => name !== '');
	return filled.length === 0 ? undefined : Object.fromEntries(filled);
}

type Checked = { ok: true; input: ConnectProviderInput } | { ok: false; errors: CustomErrors };

/** What to send, or what is wrong with which field. `names` are those that "Load models" found, by model id. */
export function customFormInput(form: CustomForm, names: Record<string, string>, skipTest: boolean): Checked {
	const headers = customHeaders(form.headers);
	const apiKey = form.apiKey.trim();
	const ids = [...new Set(form.models.split('\n').map((line) => line.trim()))].filter((id) => id !== '');
	const parsed = connectProviderInput.safeParse({
		providerId: customId(form),
		authType: 'api',
		...(apiKey === '' ? {} : { apiKey }),
		...(skipTest ? { skipTest } : {}),
		custom: {
			name: form.name,
			baseURL: form.baseURL,
			format: form.format,
			models: ids.map((id) => (names[id] === undefined ? { id } : { id, name: names[id] })),
			...(headers === undefined ? {} : { headers }),
			...(form.local ? { local: true } : {}),
		},
	});
	if (parsed.success) return { ok: true, input: parsed.data };
	const errors: CustomErrors = {};
	for (const { path, message } of parsed.error.issues) errors[fieldOf(path)] ??= message;
	return { ok: false, errors };
}

const FIELDS = new Set<PropertyKey>(['name', 'baseURL', 'apiKey', 'headers', 'models'] satisfies CustomField[]);

function fieldOf(path: PropertyKey[]): CustomField {
	const field = path.find((step) => FIELDS.has(step));
	return (field as CustomField | undefined) ?? 'id';
}
