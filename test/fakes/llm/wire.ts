import type { IncomingHttpHeaders } from 'node:http';
import type { WireFormat } from '#shared/providers.ts';

/** What the fake needs to know of a request, whatever its wire format. */
export type Conversation = {
	model: string;
	/** The text of the last user message: it scripts the reply. */
	userText: string;
	/** How many tool results came after that message: the position in the script. */
	toolResults: number;
	toolNames: string[];
	stream: boolean;
};

export type ToolCall = { id: string; name: string; input: Record<string, unknown> };

export type Reply = { model: string; chunks: string[]; call?: ToolCall | undefined };

/** One server-sent event. A string is written as it is, anything else as JSON. */
export type Frame = { event?: string; data: unknown };

/** One wire format, as pure functions from and to JSON. */
export type Wire = {
	format: WireFormat;
	/** Matches the path of a generating request, under any prefix. */
	path: RegExp;
	key(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
	read(body: Record<string, unknown>, path: string): Conversation;
	/** The reply as events, in order. */
	frames(reply: Reply): Frame[];
	whole(reply: Reply): unknown;
	errorBody(status: number, message: string): unknown;
	modelList(ids: string[]): unknown;
};

export const USAGE = { input: 100, output: 20 };

/** Any JSON object; wire formats are read leniently, since only OpenCode's own requests arrive here. */
export type Json = Record<string, unknown>;

export function objects(value: unknown): Json[] {
	return Array.isArray(value) ? value.filter((item): item is Json => typeof item === 'object' && item !== null) : [];
}

export function string(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

/** Joins the text of a content field that is a string or a list of parts. */
export function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	return objects(content)
		.map((part) => string(part['text']))
		.filter((text) => text !== '')
		.join('\n');
}

export function bearer(headers: IncomingHttpHeaders): string | undefined {
	return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
}

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
	const value = headers[name];
	return Array.isArray(value) ? value[0] : value;
}
