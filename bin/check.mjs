#!/usr/bin/env node
// Every static check, one after another; the first failure is shown and ends the run.
import { spawnSync } from 'node:child_process';

const steps = [
	['biome', ['check', '--error-on-warnings', '.']],
	['depcruise', ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']],
	['knip', ['--no-progress']],
	['astro', ['check', '--minimumSeverity', 'warning']],
];

for (const [tool, args] of steps) {
	const { status } = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: 'inherit' });
	if (status !== 0) process.exit(status ?? 1);
}
