/** The Debian that the image is made of; Node's own image has the same. */
export const SUITE = 'bookworm';
const DEBIAN = 'http://deb.debian.org/debian';

/**
 * The Debian mirror that this system's package lists name for the suite, since it is one that the machine reaches; else
 * Debian's own. `lists` are the texts of `sources.list` and of the files in `sources.list.d`, in both formats.
 */
export function debianMirror(lists: readonly string[]): string {
	const named = lists.flatMap((text) => [...oneLine(text), ...blocks(text)]);
	return named.find(({ suites, address }) => suites.includes(SUITE) && isMirror(address))?.address ?? DEBIAN;
}

type Source = { address: string; suites: string[] };

/** `deb [options] http://… suite component…` */
function oneLine(text: string): Source[] {
	return [...text.matchAll(/^deb[ \t]+(?:\[[^\]]*\][ \t]+)?(\S+)[ \t]+(\S+)/gm)].map(
		([, address = '', suite = '']) => ({
			address,
			suites: [suite],
		}),
	);
}

/** Paragraphs of `Name: value` lines. */
function blocks(text: string): Source[] {
	return text.split(/\n\s*\n/).flatMap((block) => {
		const value = (name: string) =>
			new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(block)?.[1]?.trim().split(/\s+/) ?? [];
		if (!value('Types').includes('deb')) return [];
		return value('URIs').map((address) => ({ address, suites: value('Suites') }));
	});
}

/** Another repository may have the suite's name too; only Debian's has the packages. */
function isMirror(address: string): boolean {
	return /^https?:\/\/.*\/debian\/?$/.test(address);
}
