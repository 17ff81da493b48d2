import { resolve } from 'node:path';
import { stageProject } from './stage.ts';

/** `doce docker:stage project <folder>`: for the Dockerfile alone, which lays out its files itself in a bare checkout. */
const [part, folder] = process.argv.slice(2);
if (part !== 'project' || folder === undefined) throw new Error('Usage: docker:stage project <folder>');
await stageProject(resolve(import.meta.dirname, '..'), folder);
