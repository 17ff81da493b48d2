/** What the proxy answers in words, as HTTP sends it. */
export function plainAnswer(status: string, words: string): string {
	return `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${words}\n`;
}

export function refusal(name: string): string {
	return `doce does not let projects connect to ${name}. An admin can add hosts of packages to the list.`;
}

/** The system's own code; whatever else an error says stays here. */
export function wordsOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : 'not allowed';
}
