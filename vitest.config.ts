import { defineConfig } from 'vitest/config';

/**
 * On a shared CI machine a real process may be starved for once. A test that fails twice has found something; one that
 * passes at the second try is reported as flaky.
 */
const retry = process.env['CI'] === 'true' ? 1 : 0;

/** Processes are kept apart on Linux only; elsewhere doce says so, and these tests have nothing to test. */
const elsewhere =
	process.platform === 'linux'
		? []
		: ['src/server/runtime/fence/*.test.ts', 'src/server/coreFiles.test.ts', 'e2e/fence.story.ts'];

/** Stories wait for real processes about half of the time: two at once take a third less, and more would starve them. */
const node = { environment: 'node' as const, setupFiles: ['test/noConsoleErrors.ts'], retry, maxWorkers: 2 };

/** What is looked at again with every project in containers: all that meets the runtime. */
const inContainers = ['browser', 'fence', 'kill', 'life', 'sealed'];

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					...node,
					name: 'unit',
					include: ['src/**/*.test.ts', 'docker/**/*.test.ts'],
					exclude: ['{src,docker}/**/*.{opencode,docker}.test.ts', ...elsewhere],
					testTimeout: 90_000,
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					...node,
					name: 'opencode',
					include: ['src/**/*.opencode.test.ts', 'test/**/*.opencode.test.ts'],
					testTimeout: 180_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					...node,
					name: 'e2e',
					include: ['e2e/**/*.story.ts'],
					exclude: elsewhere,
					testTimeout: 240_000,
					hookTimeout: 180_000,
				},
			},
			{
				test: {
					...node,
					name: 'docker',
					include: ['src/**/*.docker.test.ts', 'docker/**/*.docker.test.ts'],
					testTimeout: 180_000,
					hookTimeout: 180_000,
				},
			},
			{
				test: {
					...node,
					name: 'docker-stories',
					include: inContainers.map((name) => `e2e/${name}.story.ts`),
					testTimeout: 240_000,
					hookTimeout: 240_000,
				},
			},
			{
				test: {
					...node,
					name: 'leak',
					include: ['leak/**/*.leak.ts'],
					testTimeout: 600_000,
					hookTimeout: 600_000,
				},
			},
			{
				test: {
					...node,
					name: 'docker-leak',
					include: ['leak/**/*.leak.ts'],
					testTimeout: 600_000,
					hookTimeout: 600_000,
				},
			},
		],
	},
});
