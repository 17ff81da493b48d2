import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

test('everything has a default', () => {
	const config = loadConfig({});
	expect(config).toMatchObject({
		host: '127.0.0.1',
		port: 4321,
		runtime: 'process',
		admin: undefined,
		masterKey: undefined,
	});
	expect(config.masterKeyFile).toBe(`${config.dataDir}/keys/master.key`);
});

test('an unknown DOCE_ name is refused with the names that are known', () => {
	expect(() => loadConfig({ DOCE_PROT: '80' })).toThrow(/DOCE_PROT: unknown setting.*DOCE_PORT/);
});

test('a bad value is refused with the name', () => {
	expect(() => loadConfig({ DOCE_PORT: 'eighty' })).toThrow(/DOCE_PORT/);
	expect(() => loadConfig({ DOCE_RUNTIME: 'podman' })).toThrow(/DOCE_RUNTIME.*process/);
	expect(() => loadConfig({ DOCE_PUBLIC_URL: 'doce.example.com' })).toThrow(/DOCE_PUBLIC_URL/);
	expect(() => loadConfig({ DOCE_DATABASE_URL: 'postgres://x' })).toThrow(/DOCE_DATABASE_URL/);
});

test('the admin needs both a name and a password', () => {
	expect(() => loadConfig({ DOCE_ADMIN_USERNAME: 'ada' })).toThrow(/go together/);
});

test('secrets leave the environment and cannot be printed', () => {
	const env = { DOCE_MASTER_KEY: 'doce-mk1:abc', DOCE_ADMIN_USERNAME: 'ada', DOCE_ADMIN_PASSWORD: 'correct horse' };
	const config = loadConfig(env);
	expect(env).not.toHaveProperty('DOCE_MASTER_KEY');
	expect(env).not.toHaveProperty('DOCE_ADMIN_PASSWORD');
	expect(config.admin?.password.reveal()).toBe('correct horse');
	expect(JSON.stringify(config)).not.toMatch(/correct horse|doce-mk1/);
});

test('provider keys leave the environment, and what npm and other programs need stays', () => {
	const env = {
		ANTHROPIC_API_KEY: 'sk-ant-1234567890',
		HF_TOKEN: 'hf_1234567890',
		CLARIFAI_PAT: 'pat-1234567890',
		WATSONX_AI_APIKEY: 'watson-1234567890',
		GROQ_API_KEY: '',
		AZURE_RESOURCE_NAME: 'my-models',
		NPM_TOKEN: 'npm_1234567890',
		npm_config_key: 'a certificate',
		NODE_AUTH_TOKEN: 'registry',
		PATH: '/usr/bin',
	};
	const config = loadConfig(env);
	expect([...config.environment.keys()].sort()).toEqual([
		'ANTHROPIC_API_KEY',
		'AZURE_RESOURCE_NAME',
		'CLARIFAI_PAT',
		'HF_TOKEN',
		'WATSONX_AI_APIKEY',
	]);
	expect(config.environment.get('ANTHROPIC_API_KEY')?.reveal()).toBe('sk-ant-1234567890');
	expect(env).toEqual({
		GROQ_API_KEY: '',
		AZURE_RESOURCE_NAME: 'my-models',
		NPM_TOKEN: 'npm_1234567890',
		npm_config_key: 'a certificate',
		NODE_AUTH_TOKEN: 'registry',
		PATH: '/usr/bin',
	});
	expect(inspect(config)).not.toMatch(/1234567890|my-models/);
});

test('the files in which other programs keep keys are named, each once', () => {
	const { plainKeyFiles } = loadConfig({ DOCE_DATA_DIR: '/srv/doce/data', HOME: '/home/ada' });
	expect(plainKeyFiles).toEqual(['/home/ada/.local/share/opencode/auth.json', '/srv/doce/.env', resolve('.env')]);
	const moved = loadConfig({ DOCE_DATA_DIR: './data', XDG_DATA_HOME: '/data' });
	expect(moved.plainKeyFiles).toEqual(['/data/opencode/auth.json', resolve('.env')]);
});

test('the way to the internet, to packages and to sockets is read once, and a proxy’s password cannot be printed', () => {
	const env = {
		HTTPS_PROXY: 'http://doce:proxy-password@10.0.0.1:3128',
		NO_PROXY: 'localhost,.example.com',
		npm_config_registry: 'http://10.0.0.5:4873/',
		XDG_RUNTIME_DIR: '/run/user/1000',
	};
	const config = loadConfig({ ...env });
	expect(config).toMatchObject({ registry: env.npm_config_registry, runtimeDir: env.XDG_RUNTIME_DIR });
	expect(config.proxy?.except).toBe(env.NO_PROXY);
	expect(config.proxy?.url.reveal()).toBe(env.HTTPS_PROXY);
	expect(JSON.stringify(config) + inspect(config)).not.toContain('proxy-password');
	expect(loadConfig({ http_proxy: 'proxy.example.com:3128' }).proxy?.url.reveal()).toBe(
		'http://proxy.example.com:3128',
	);
	for (const https_proxy of ['', 'socks5://10.0.0.1']) expect(loadConfig({ https_proxy }).proxy).toBeUndefined();
});
