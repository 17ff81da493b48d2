const domain = ['users', 'audit', 'auth', 'usage', 'gateway', 'projects', 'chat', 'legacy'];
const engines = ['queue', 'runtime', 'opencode', 'live', 'demo'];
const src = (rooms) => `^src/server/(${rooms.join('|')})/`;
const doors = '^src/(pages|actions|cli|middleware)|^src/server/(start|app)\\.ts|^src/server/(web|boot|queue/handlers)/';

/** Floors: you only walk downstairs. See AGENTS.md. */
module.exports = {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
		{
			name: 'shared-knows-nothing',
			severity: 'error',
			from: { path: '^src/shared/' },
			to: { path: '^src/', pathNot: '^src/shared/' },
		},
		{
			name: 'islands-stay-in-the-browser',
			severity: 'error',
			from: { path: '^src/(components|layouts)/' },
			to: { path: '^src/(server|pages|actions|middleware|cli)' },
		},
		{
			name: 'no-other-area-components',
			severity: 'error',
			from: { path: '^src/components/([^/]+)/' },
			to: { path: '^src/components/', pathNot: '^src/components/(ui|$1)/' },
		},
		{
			name: 'base-imports-base',
			severity: 'error',
			from: { path: '^src/server/(db/|(addresses|config|coreFiles|errors|logger|plainFiles|secret)\\.ts)' },
			to: {
				path: '^src/',
				pathNot: '^src/(shared/|server/(db/|(addresses|config|coreFiles|errors|logger|plainFiles|secret)\\.ts))',
			},
		},
		{
			name: 'engines-import-base',
			severity: 'error',
			from: { path: src(engines), pathNot: '^src/server/queue/handlers/|\\.test\\.ts$' },
			to: {
				path: '^src/(server/|actions|pages|components|cli)',
				pathNot: `^src/server/(db/|(addresses|config|coreFiles|errors|logger|plainFiles|secret)\\.ts)${engines.map((e) => `|^src/server/${e}/`).join('')}`,
			},
		},
		...engines.map((engine) => ({
			name: `engine-${engine}-imports-no-other`,
			severity: 'error',
			from: { path: `^src/server/${engine}/`, pathNot: '^src/server/queue/handlers/|\\.test\\.ts$' },
			to: { path: src(engines.filter((other) => other !== engine)) },
		})),
		...domain.map((room, at) => ({
			name: `domain-${room}-only-to-the-left`,
			severity: 'error',
			from: { path: `^src/server/${room}/`, pathNot: '\\.test\\.ts$' },
			to: { path: domain.slice(at + 1).length === 0 ? '^$' : src(domain.slice(at + 1)) },
		})),
		{
			name: 'domain-below-doors',
			severity: 'error',
			from: { path: src(domain), pathNot: '\\.test\\.ts$' },
			to: { path: `${doors}|^src/server/queue/queue\\.worker\\.ts` },
		},
		{
			name: 'only-start-imports-handlers',
			severity: 'error',
			from: { path: '^src/', pathNot: '^src/server/(start\\.ts|queue/handlers/)|\\.test\\.ts$' },
			to: { path: '^src/server/queue/handlers/' },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: true,
		enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
	},
};
