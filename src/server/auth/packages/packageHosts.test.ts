import { expect, test } from 'vitest';
import { packageDestinations, toPackageHostsView } from './packageHosts.ts';

test('listed hosts are asked at the port of https, or at the one they name', () => {
	expect(packageDestinations(['registry.npmjs.org', 'npm.example.com:8443'], undefined)).toEqual([
		{ host: 'registry.npmjs.org', port: 443, local: false },
		{ host: 'npm.example.com', port: 8_443, local: false },
	]);
});

test('the registry of this machine is among them, also when it is a private one', () => {
	expect(packageDestinations([], 'http://10.0.0.5:4873/npm/')).toEqual([
		{ host: '10.0.0.5', port: 4_873, local: true },
	]);
	expect(packageDestinations([], 'http://[::1]/')).toEqual([{ host: '::1', port: 80, local: true }]);
	expect(packageDestinations([], 'https://registry.npmjs.org/')).toEqual([
		{ host: 'registry.npmjs.org', port: 443, local: true },
	]);
	for (const nonsense of ['', 'registry', 'file:///etc/passwd']) expect(packageDestinations([], nonsense)).toEqual([]);
});

test('the list is shown with the registry of this machine, written like its entries', () => {
	const defaults = ['registry.npmjs.org'];
	expect(toPackageHostsView(['npm.example.com'], 'http://[::1]:4873/')).toEqual({
		hosts: ['npm.example.com'],
		defaults,
		registry: '[::1]:4873',
	});
	expect(toPackageHostsView([], 'https://npm.example.com/all/')).toMatchObject({ registry: 'npm.example.com' });
	expect(toPackageHostsView(defaults, 'registry')).toEqual({ hosts: defaults, defaults, registry: null });
});
