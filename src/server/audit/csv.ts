/** One line of CSV (RFC 4180), with its line end. */
export function csvLine(cells: readonly (string | null)[]): string {
	return `${cells.map((cell) => toCell(cell ?? '')).join(',')}\r\n`;
}

/**
 * A cell that begins like a formula would be one in a spreadsheet, and names are written by people: an apostrophe in
 * front makes it text. The quotation marks that hold a cell together do not.
 */
function toCell(text: string): string {
	const harmless = /^[\s]*[=+\-@\t\r\n|]/.test(text) ? `'${text}` : text;
	return `"${harmless.replaceAll('"', '""')}"`;
}
