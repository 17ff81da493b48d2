import { coloursOf, css } from '../look/colours.ts';
import { themeCss } from '../look/themes.ts';
import { type Look, type Section, type Site, siteJson } from '../site.ts';
import { artComponent } from './art.ts';
import { ABOUT_PAGE, FOOTER, HEADER, HEADING, TILE } from './frame.ts';
import { HEROES } from './heroes.ts';
import { SECTION_COMPONENTS } from './sections.ts';

export const SITE_PATH = 'src/site.json';
export const PAGE_PATH = 'src/pages/index.astro';

/** Every file of a site by its path in the project, in the order in which to write them: the page comes last. */
export function siteFiles(site: Site): Map<string, string> {
	const components: [string, string][] = [
		['Header', HEADER],
		['Hero', HEROES[site.look.style]],
		['Art', artComponent(site.kind)],
		['Tile', TILE],
		['Heading', HEADING],
		...site.sections.map(({ type }): [string, string] => [
			SECTION_COMPONENTS[type].name,
			SECTION_COMPONENTS[type].text,
		]),
		['Footer', FOOTER],
	];
	return new Map([
		[SITE_PATH, siteJson(site)],
		['public/favicon.svg', favicon(site.look)],
		...components.map(([name, text]): [string, string] => [`src/components/${name}.astro`, text]),
		...(site.about ? [['src/pages/about.astro', ABOUT_PAGE] as [string, string]] : []),
		['src/styles/global.css', themeCss(site.look)],
		[PAGE_PATH, page(site.sections)],
	]);
}

function page(sections: Section[]): string {
	const names = sections.map(({ type }) => SECTION_COMPONENTS[type].name);
	const imports = ['Footer', 'Header', 'Hero', ...names]
		.sort()
		.map((name) => `import ${name} from '../components/${name}.astro';`);
	const table = sections.map(({ type }) => `${type}: ${SECTION_COMPONENTS[type].name}`).join(', ');
	return `---
${imports.join('\n')}
import Base from '../layouts/Base.astro';
import site from '../site.json';

const parts = { ${table} };
---

<Base title={site.name} description={site.description}>
	<Header home />
	<main id="main">
		<Hero />
		{site.sections.map((section) => {
			const Part = parts[section.type];
			return <Part {...section} />;
		})}
	</main>
	<Footer />
</Base>
`;
}

function favicon(look: Look): string {
	const { accent, gold } = coloursOf(look);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
	<path d="M2 30V16a14 14 0 0 1 28 0v14Z" fill="${css(accent)}" />
	<circle cx="16" cy="17" r="6" fill="${css(gold)}" />
</svg>
`;
}
