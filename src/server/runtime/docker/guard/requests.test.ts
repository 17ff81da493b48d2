import { expect, test } from 'vitest';
import { addressOf, readRequest } from './requests.ts';

const ID = 'a'.repeat(64);
const refused = expect.objectContaining({ code: 'forbidden' });

test('what the runtime asks is understood, with or without a version before it', () => {
	const filters = encodeURIComponent('{"label":["dev.doce.instance=x"]}');
	expect(readRequest('GET', '/version')).toEqual({ kind: 'version' });
	expect(readRequest('GET', '/v1.41/info')).toEqual({ kind: 'info' });
	expect(readRequest('HEAD', '/_ping')).toEqual({ kind: 'ping' });
	expect(readRequest('GET', `/events?filters=${filters}`)).toEqual({ kind: 'events' });
	expect(readRequest('GET', `/containers/json?all=true&filters=${filters}`)).toEqual({ kind: 'list' });
	expect(readRequest('GET', '/images/doce-project:1/json')).toEqual({ kind: 'image', name: 'doce-project:1' });
	expect(readRequest('POST', '/containers/create?name=doce-x')).toEqual({ kind: 'create', name: 'doce-x' });
	expect(readRequest('DELETE', `/containers/${ID}?force=true&v=true`)).toEqual({
		...{ kind: 'container', verb: 'remove', id: ID },
		query: { force: '1', v: '1' },
	});
});

test('the address for Docker is written from what was understood', () => {
	const of = (method: string, url: string) => {
		const asked = readRequest(method, url);
		return asked.kind === 'container' ? addressOf(asked.verb, asked.id, asked.query) : undefined;
	};
	const at = `/containers/${ID}`;
	expect(of('GET', `/v1.41${at}/logs?stdout=true&stderr=true&tail=5&follow=false`)).toEqual({
		method: 'GET',
		path: `${at}/logs?stdout=1&stderr=1&tail=5&follow=0`,
	});
	expect(of('POST', `${at}/attach?stream=true&stdout=true`)).toEqual({
		method: 'POST',
		path: `${at}/attach?stream=1&stdout=1`,
	});
	expect(of('POST', `${at}/update?Memory=1&CpuQuota=2`)).toEqual({ method: 'POST', path: `${at}/update` });
	expect(of('POST', `${at}/stop?t=5`)).toEqual({ method: 'POST', path: `${at}/stop?t=5` });
});

test.each([
	['POST', `/containers/${ID}/exec`],
	['POST', '/exec/abc/start'],
	['GET', `/containers/${ID}/archive?path=/`],
	['PUT', `/containers/${ID}/archive?path=/`],
	['GET', `/containers/${ID}/export`],
	['GET', `/containers/${ID}/top`],
	['POST', `/containers/${ID}/rename?name=x`],
	['POST', `/containers/${ID}/attach/ws`],
	['POST', '/images/create?fromImage=evil'],
	['GET', '/images/json'],
	['POST', '/build'],
	['POST', '/commit'],
	['POST', '/volumes/create'],
	['GET', '/volumes'],
	['POST', '/networks/create'],
	['POST', '/containers/prune'],
	['GET', '/secrets'],
	['POST', '/swarm/init'],
	['POST', '/plugins/pull'],
	['POST', '/session'],
	['POST', '/grpc'],
])('there is no %s %s', (method, url) => {
	expect(() => readRequest(method, url)).toThrow(refused);
});

test.each([
	`//containers/${ID}/start`,
	`/containers//${ID}/start`,
	`/containers/${ID}/start/`,
	`/v1.41//containers/${ID}/start`,
	`/v1.41/v1.41/containers/${ID}/start`,
	`/v1.41/containers/${ID}/../../exec/x/start`,
	`/containers/${ID}/%73tart`,
	`/containers/${ID}%2Fstart`,
	`/containers/${ID}/start#`,
	`/containers/${ID}/start;x`,
	`/Containers/${ID}/start`,
	`/containers/${ID}\\start`,
	'/containers/someone-elses/start',
	'/containers/doce-x/../y/start',
	`http://docker/containers/${ID}/start`,
	'*',
	'',
])('a path that is written otherwise is none: %s', (url) => {
	expect(() => readRequest('POST', url)).toThrow(refused);
});

test.each([
	['GET', `/containers/${ID}/json?size=1`],
	['GET', `/containers/${ID}/logs?stdout=1&tail=5&follow=1`],
	['GET', `/containers/${ID}/logs?stdout=1`],
	['GET', `/containers/${ID}/stats`],
	['POST', `/containers/${ID}/start?checkpoint=x`],
	['POST', `/containers/${ID}/start?detachKeys=x`],
	['POST', `/containers/${ID}/attach?stream=1&stdin=1`],
	['POST', `/containers/${ID}/kill?signal=SIGSTOP`],
	['POST', `/containers/${ID}/stop?t=-1`],
	['DELETE', `/containers/${ID}?link=1`],
	['DELETE', `/containers/${ID}?force=1&force=0`],
	['POST', '/containers/create?name=a&name=b'],
	['POST', '/containers/create?name=a&platform=x'],
	['POST', '/containers/create'],
	['GET', '/containers/json?all=1&size=1'],
	['GET', '/events?since=0'],
])('nothing more is asked than doce asks: %s %s', (method, url) => {
	expect(() => readRequest(method, url)).toThrow(refused);
});
