import { resolve } from 'node:path';
import { stageDoce } from './stageDoce.ts';
import { stageProject } from './stageProject.ts';

/** `doce docker:stage <part> <folder>`: for the Dockerfiles alone, which lay out their files themselves in a bare checkout. */
const PARTS: Record<string, (root: string, target: string) => Promise<void>> = {
	doce: stageDoce,
	project: stageProject,
};

const [part = '', folder] = process.argv.slice(2);
const stage = PARTS[part];
if (stage === undefined || folder === undefined) throw new Error('Usage: docker:stage project|doce <folder>');
await stage(resolve(import.meta.dirname, '..'), folder);
