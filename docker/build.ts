import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, messageForPerson } from '#server/errors.ts';
import { pinnedVersions, projectImage } from '#server/runtime/docker/image.ts';
import { makeBase } from './base.ts';
import { checkEngine, docker, execute, hasImage, imageSize } from './engine.ts';
import { normalise, stageProject } from './stage.ts';

const ROOT = resolve(import.meta.dirname, '..');
const USAGE = 'Usage: npm run docker:build -- [--force]';

try {
	const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
	await checkEngine();
	await buildProject(values.force);
} catch (error) {
	console.error(describe(error));
	process.exitCode = 1;
}

/** The image is named by its inputs: one that is there is the right one. */
async function buildProject(force: boolean): Promise<void> {
	const name = projectImage(ROOT);
	if (!force && (await hasImage(name))) return console.log(`${name} is there already; --force builds it anew.`);
	const context = await mkdtemp(join(tmpdir(), 'doce-image-'));
	try {
		const base = await findBase();
		console.log(`Laying out the files of ${name}…`);
		await stageProject(ROOT, join(context, 'staged'));
		await build(name, base, context);
	} finally {
		await rm(context, { recursive: true, force: true });
	}
	console.log(`${name} is ready (${Math.round((await imageSize(name)) / 1e6)} MB).`);
}

/** `BASE_IMAGE` if it is set; else Node's own image, local or pulled; else one made here. */
async function findBase(): Promise<string> {
	const named = process.env['BASE_IMAGE'];
	if (named) return named;
	const own = `node:${pinnedVersions(ROOT).node}-bookworm-slim`;
	if (await hasImage(own)) return own;
	console.log(`Pulling ${own}…`);
	const pulled = await docker(['pull', own]);
	return pulled.code === 0 ? own : makeBase(ROOT);
}

async function build(name: string, base: string, context: string): Promise<void> {
	await cp(join(ROOT, 'LICENSE'), join(context, 'LICENSE'));
	await normalise(context);
	const argv = ['docker', 'build', '--target', 'staged', '--build-arg', `BASE_IMAGE=${base}`, '--tag', name];
	const { code } = await execute([...argv, '--file', join(ROOT, 'docker/project.Dockerfile'), context], {
		shown: true,
	});
	if (code !== 0) throw new AppError('unavailable', `${name} could not be built; see the output above.`);
}

function describe(error: unknown): string {
	if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return USAGE;
	return error instanceof AppError || !(error instanceof Error) ? messageForPerson(error) : `${error.stack}`;
}
