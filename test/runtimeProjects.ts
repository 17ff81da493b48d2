import type { ProcessName, RuntimeSpec } from '../src/server/runtime/runtime.ts';

/** A server that says who it is, has a child that ignores SIGTERM (the preview's even leaves its group), and ends with code 7 when told to die. */
const program = `
const { spawn } = require('node:child_process');
const [name, project, port] = process.argv.slice(1);
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')";
const born = Math.random();
const child = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'ignore'], detached: name === 'preview' });
child.stdout.once('data', () => require('node:http').createServer((request, response) => {
	response.setHeader('connection', 'close');
	response.end(JSON.stringify({ name, project, instance: process.pid + ' ' + born }));
	if (request.url === '/die') response.once('close', () => process.exit(7));
}).on('error', (error) => {
	if (process.env.SILENT !== 'yes') throw error;
	process.exit(1);
}).listen(Number(port), '127.0.0.1', () => console.log('\\u001b[32m' + name + ' of ' + project + ' is ready\\u001b[0m')));
`;

/** A project of two tiny servers, for tests of runtimes. */
export function projectOfTinyServers(projectId: string, cwd: string): RuntimeSpec {
	const tinyServer = (name: ProcessName) => ({
		name,
		command: (port: number) => ({
			argv: [process.execPath, '-e', program, name, projectId, String(port)],
			env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
			cwd,
		}),
	});
	return {
		projectId,
		limits: { memoryBytes: 256 * 1024 * 1024, cpus: 1, diskBytes: 64 * 1024 * 1024 },
		password: `password of ${projectId}`,
		access: { write: [cwd], read: [], destinations: [], ports: [] },
		processes: [tinyServer('opencode'), tinyServer('preview')],
	};
}
