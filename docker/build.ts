import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, messageForPerson } from '#server/errors.ts';
import { pinnedVersions, projectImage } from '#server/runtime/docker/image.ts';
import { makeBase } from './base.ts';
import { checkEngine, docker, execute, hasImage, imageSize } from './engine.ts';
import { normalise } from './files.ts';
import { doceImage, stageDoce } from './stageDoce.ts';
import { stageProject } from './stageProject.ts';

const ROOT = resolve(import.meta.dirname, '..');
const USAGE = 'Usage: npm run docker:build -- [--only project|doce] [--force]';

type Part = {
	/** By its inputs: one that is there is the right one. */
	image: string;
	/** What `compose.yaml` calls it, whatever it is made of. */
	alias: string;
	dockerfile: string;
	stage(root: string, target: string): Promise<void>;
};

const PARTS: Record<string, () => Part> = {
	project: () => ({
		...{ image: projectImage(ROOT), alias: 'doce-project:local' },
		...{ dockerfile: 'docker/project.Dockerfile', stage: stageProject },
	}),
	doce: () => ({
		...{ image: doceImage(ROOT), alias: 'doce:local' },
		...{ dockerfile: 'docker/doce.Dockerfile', stage: stageDoce },
	}),
};

try {
	const { values } = parseArgs({
		options: { force: { type: 'boolean', default: false }, only: { type: 'string' } },
	});
	const wanted = values.only === undefined ? Object.keys(PARTS) : [values.only];
	const parts = wanted.map((name) => PARTS[name] ?? refuse());
	await checkEngine();
	for (const part of parts) await make(part(), values.force);
} catch (error) {
	console.error(describe(error));
	process.exitCode = 1;
}

function refuse(): never {
	throw new AppError('invalid', USAGE);
}

async function make(part: Part, force: boolean): Promise<void> {
	const { image, alias } = part;
	if (!force && (await hasImage(image))) console.log(`${image} is there already; --force builds it anew.`);
	else {
		await stageAndBuild(part);
		console.log(`${image} is ready (${Math.round((await imageSize(image)) / 1e6)} MB).`);
	}
	const { code } = await execute(['docker', 'tag', image, alias], { shown: true });
	if (code !== 0) throw new AppError('unavailable', `${image} could not be named ${alias}; see the output above.`);
}

async function stageAndBuild(part: Part): Promise<void> {
	const context = await mkdtemp(join(tmpdir(), 'doce-image-'));
	try {
		const base = await findBase();
		console.log(`Laying out the files of ${part.image}…`);
		await part.stage(ROOT, join(context, 'staged'));
		await build(part, base, context);
	} finally {
		await rm(context, { recursive: true, force: true });
	}
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

async function build({ image, dockerfile }: Part, base: string, context: string): Promise<void> {
	await cp(join(ROOT, 'LICENSE'), join(context, 'LICENSE'));
	await normalise(context);
	const argv = ['docker', 'build', '--target', 'staged', '--build-arg', `BASE_IMAGE=${base}`, '--tag', image];
	const { code } = await execute([...argv, '--file', join(ROOT, dockerfile), context], { shown: true });
	if (code !== 0) throw new AppError('unavailable', `${image} could not be built; see the output above.`);
}

function describe(error: unknown): string {
	if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return USAGE;
	return error instanceof AppError || !(error instanceof Error) ? messageForPerson(error) : `${error.stack}`;
}
