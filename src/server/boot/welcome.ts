/** What a person needs to know after the start; the setup token only while nobody has an account. */
export function printWelcome({ publicUrl, setupToken }: { publicUrl: URL; setupToken: string | undefined }): void {
	const lines = ['', `  doce is ready at ${publicUrl.origin}`];
	if (setupToken !== undefined) {
		lines.push('', `  First run: open ${publicUrl.origin}/setup?token=${setupToken}`, `  Setup token: ${setupToken}`);
	}
	process.stdout.write(`${lines.join('\n')}\n\n`);
}
