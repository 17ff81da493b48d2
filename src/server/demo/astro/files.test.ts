import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeSection, composeSite } from '../copy/compose.ts';
import { KINDS, PALETTES, parseSite, SECTION_TYPES, type Site, STYLES, siteJson } from '../site.ts';
import { readBrief } from '../wishes/brief.ts';
import { artComponent } from './art.ts';
import { siteFiles } from './files.ts';
import { HEROES } from './heroes.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const EVIL = `Crumb </script><img src=x> {process.exit(1)} \`\${1}\` & "Co"`;

let folder: string;
let home: string;
let everything: string;

/** One build with every section, every hero and every drawing, around a name that tries to be code. */
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'doce-demo-'));
	cpSync(join(ROOT, 'templates/starter'), folder, {
		recursive: true,
		filter: (path) => !path.includes('node_modules'),
	});
	symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
	const heroes = STYLES.map((style) => [`Hero${style}`, HEROES[style]] as const);
	const drawings = KINDS.map((kind) => [`Art${kind}`, artComponent(kind)] as const);
	const parts = [...heroes, ...drawings];
	put(siteFiles(fullSite()));
	put(parts.map(([name, text]) => [`src/components/${name}.astro`, text]));
	put([['src/pages/everything.astro', pageOf(parts.map(([name]) => name))]]);
	const astro = join(ROOT, 'node_modules/astro/bin/astro.mjs');
	const env = { PATH: process.env['PATH'], HOME: folder, ASTRO_TELEMETRY_DISABLED: '1' };
	execFileSync(process.execPath, [astro, 'build'], { cwd: folder, env, stdio: 'pipe' });
	home = readFileSync(join(folder, 'dist/index.html'), 'utf8');
	everything = readFileSync(join(folder, 'dist/everything/index.html'), 'utf8');
}, 90_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a built site', () => {
	test('has every section, and a link to each', () => {
		const missing = SECTION_TYPES.filter((type) => !home.includes(`id="${type}"`) || !home.includes(`href="#${type}"`));
		expect(missing).toEqual([]);
		expect(home.match(/<h1[ >]/g)).toHaveLength(1);
	});

	test('has every hero and every drawing', () => {
		expect(everything.match(/<h1[ >]/g)).toHaveLength(STYLES.length);
		expect(everything.match(/<svg/g)?.length).toBeGreaterThanOrEqual(STYLES.length + KINDS.length);
	});

	test('has an about page', () => {
		expect(readFileSync(join(folder, 'dist/about/index.html'), 'utf8')).toContain('About Crumb');
	});

	test('shows the words of a prompt as words, never as code', () => {
		expect(home.includes('Crumb &lt;/script&gt;&lt;img src=x&gt; {process.exit(1)}')).toBe(true);
		const tags = home.replace(/"[^"]*"/g, '""');
		expect(tags.match(/<(img|script)\b/g)).toBeNull();
	});

	test('has the colours of its look, and asks no other host for anything', () => {
		const styles = readdirSync(join(folder, 'dist/_astro')).filter((name) => name.endsWith('.css'));
		const css = styles.map((name) => readFileSync(join(folder, 'dist/_astro', name), 'utf8')).join('');
		expect(css).toMatch(/--color-accent:\s*oklch/);
		expect(css).toMatch(/\.bg-accent/);
		const remote = /(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?\/\//;
		expect([home, everything, css].flatMap((text) => text.match(remote) ?? [])).toEqual([]);
	});
});

describe('the site file', () => {
	test('is read back as it was written, for every kind and look', () => {
		for (const kind of KINDS) {
			const site = composeSite({ ...readBrief('a site'), kind });
			expect(parseSite(siteJson(site))).toEqual(site);
		}
		expect(PALETTES.length).toBeGreaterThan(0);
	});

	test('that somebody broke is not taken for a site', () => {
		expect(parseSite('{"name":')).toBeUndefined();
		expect(parseSite('{"name":"x"}')).toBeUndefined();
	});
});

function fullSite(): Site {
	const site = composeSite({ ...readBrief('a bakery with an about page'), name: EVIL });
	return { ...site, sections: SECTION_TYPES.map((type) => composeSection(type, site)) };
}

function put(files: Iterable<readonly [string, string]>): void {
	for (const [path, text] of files) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
}

function pageOf(names: string[]): string {
	const imports = names.map((name) => `import ${name} from '../components/${name}.astro';`);
	return `---\n${imports.join('\n')}\n---\n${names.map((name) => `<${name} />`).join('\n')}\n`;
}
