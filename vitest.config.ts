import { defineConfig } from 'vitest/config';

const node = { environment: 'node' as const, setupFiles: ['test/noConsoleErrors.ts'] };

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					...node,
					name: 'unit',
					include: ['src/**/*.test.ts'],
					exclude: ['src/**/*.opencode.test.ts'],
					testTimeout: 30_000,
				},
			},
			{
				test: {
					...node,
					name: 'opencode',
					include: ['src/**/*.opencode.test.ts', 'test/**/*.opencode.test.ts'],
					testTimeout: 180_000,
					hookTimeout: 120_000,
					fileParallelism: false,
				},
			},
			{
				test: {
					...node,
					name: 'e2e',
					include: ['e2e/**/*.story.ts'],
					testTimeout: 240_000,
					hookTimeout: 180_000,
					fileParallelism: false,
				},
			},
		],
	},
});
