import { expect, test } from 'vitest';
import { engineProblem } from './engine.ts';

const ran = (stdout: string, stderr = '', code: number | string = 0) => ({ code, stdout, stderr });
const server = (change: object) =>
	ran(JSON.stringify({ Client: {}, Server: { ApiVersion: '1.41', Version: '20.10.24', Os: 'linux', ...change } }));

test('an engine of 20.10 or newer is fine', () => {
	expect(engineProblem(server({}))).toBeUndefined();
	expect(engineProblem(server({ ApiVersion: '1.100' }))).toBeUndefined();
	expect(engineProblem(server({ ApiVersion: '2.0' }))).toBeUndefined();
});

test('an older one is named with what is needed', () => {
	const problem = engineProblem(server({ ApiVersion: '1.9', Version: '1.9.1' }));
	expect(problem).toContain('too old: it is 1.9.1');
	expect(problem).toContain('20.10');
});

test('without the docker command it says how to get it', () => {
	expect(engineProblem(ran('', '', 'ENOENT'))).toContain('apt install docker.io');
});

test('an engine that does not answer is told apart from one that may not be asked', () => {
	const silent = ran('{"Client":{},"Server":null}', 'Cannot connect to the Docker daemon at unix:///nowhere.\n', 1);
	expect(engineProblem(silent)).toContain('systemctl start docker');
	expect(engineProblem(silent)).toContain('unix:///nowhere');
	const forbidden = ran('', 'permission denied while trying to connect to the Docker daemon socket\n', 1);
	expect(engineProblem(forbidden)).toContain('group `docker`');
});

test('an engine for Windows containers is refused', () => {
	expect(engineProblem(server({ Os: 'windows' }))).toContain('for Linux');
});
