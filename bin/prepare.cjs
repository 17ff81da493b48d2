// What has to be there before doce can run: dependencies, a new enough Node, a build, and for tests a browser.
'use strict';

var childProcess = require('node:child_process');
var crypto = require('node:crypto');
var fs = require('node:fs');
var path = require('node:path');

var NEEDED_NODE = 24;

/** Something the person has to do; shown without a stack. */
function SetupError(message) {
	this.message = message;
}

/** `npm ci` unless `node_modules` was made from this very lockfile. */
function installDependencies(root) {
	var lock = path.join(root, 'package-lock.json');
	var stamp = path.join(root, 'node_modules', '.doce-lock');
	var wanted = hashFiles([lock]);
	if (readText(stamp) === wanted) return;
	console.error('Installing dependencies (once; about half a minute)…');
	var result = runNpm(
		['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
		root,
	);
	if (result.status !== 0) {
		throw new SetupError('`npm ci` failed. doce needs the npm registry for its first start; see the output above.');
	}
	fs.writeFileSync(stamp, wanted);
}

/** The path of a Node new enough: the one that came with the dependencies, or the one that runs this. */
function findNode(root) {
	var bundled = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
	if (fs.existsSync(bundled)) return bundled;
	if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return process.execPath;
	throw new SetupError(
		'doce needs Node ' +
			NEEDED_NODE +
			' or newer on this system, and this is ' +
			process.version +
			'.\n' +
			'Install it (for example with `brew install node@' +
			NEEDED_NODE +
			'` or from nodejs.org) and try again.',
	);
}

/** `astro build` unless `dist/` was made from these very sources. */
function buildWhenStale(root, node) {
	var stamp = path.join(root, 'dist', '.doce-sources');
	var wanted = hashFiles(
		listFiles(path.join(root, 'src')).concat(
			['astro.config.mjs', 'package-lock.json', 'tsconfig.json'].map((name) => path.join(root, name)),
		),
	);
	if (readText(stamp) === wanted) return;
	console.error('Building doce (once for each version; a few seconds)…');
	var result = childProcess.spawnSync(node, ['node_modules/astro/bin/astro.mjs', 'build', '--silent'], {
		cwd: root,
		stdio: 'inherit',
		env: withoutSecrets(environment(node)),
	});
	if (result.status !== 0) throw new SetupError('The build failed; see the output above.');
	fs.writeFileSync(stamp, wanted);
}

/** Makes sure that the tests of the fence have a bubblewrap: Debian's as root. Elsewhere it has to be there. */
function installFence() {
	if (process.platform !== 'linux' || isOnPath('bwrap')) return;
	if (isRoot() && isOnPath('apt-get')) {
		console.error('Installing bubblewrap for the tests…');
		installPackage('bubblewrap');
	}
	if (!isOnPath('bwrap')) {
		throw new SetupError(
			'The tests need bubblewrap, which keeps projects apart. Install it (for example with `apt install bubblewrap`).',
		);
	}
}

/** Makes sure that browser stories have a Chromium: Debian's as root, otherwise Playwright's own. */
function installBrowser(root, node) {
	if (findBrowser()) return;
	console.error('Installing a browser for the tests…');
	if (isRoot() && isOnPath('apt-get')) {
		installPackage('chromium');
	} else {
		childProcess.spawnSync(node, ['node_modules/playwright-core/cli.js', 'install', 'chromium'], {
			cwd: root,
			stdio: 'inherit',
		});
	}
	if (!findBrowser()) {
		throw new SetupError(
			'The tests need Chromium, and it could not be installed. Install it, or name it in CHROMIUM_PATH.',
		);
	}
}

/** From Debian; whether it came is for the caller to see. */
function installPackage(name) {
	childProcess.spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
	childProcess.spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: Object.assign({}, process.env, { DEBIAN_FRONTEND: 'noninteractive' }),
	});
}

/** A Chromium on this machine; undefined when there is none. */
function findBrowser() {
	var named = process.env.CHROMIUM_PATH;
	if (named) return fs.existsSync(named) ? named : undefined;
	var system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].filter(fs.existsSync)[0];
	if (system) return system;
	var own = require('playwright-core').chromium.executablePath();
	return fs.existsSync(own) ? own : undefined;
}

/** The environment for children: `node` means the right one, and Astro keeps quiet. */
function environment(node) {
	return Object.assign({}, process.env, {
		PATH: path.dirname(node) + path.delimiter + process.env.PATH,
		ASTRO_TELEMETRY_DISABLED: '1',
		NODE_NO_WARNINGS: '1',
	});
}

/** What installs and builds has no business with doce's own secrets, nor with the keys of providers. */
function withoutSecrets(env) {
	var rest = Object.assign({}, env);
	delete rest.DOCE_MASTER_KEY;
	delete rest.DOCE_ADMIN_PASSWORD;
	Object.keys(rest).forEach((name) => {
		if (/_(API_?KEY|API_TOKEN|PAT)$/.test(name) && !/^(NPM|NODE)_/i.test(name)) delete rest[name];
	});
	return rest;
}

/** The npm that runs this, or the one on PATH; `env` is ours unless given. */
function runNpm(argv, cwd, env) {
	var options = { cwd: cwd, stdio: 'inherit', env: withoutSecrets(env || process.env) };
	var npm = process.env.npm_execpath;
	if (npm && /\.c?js$/.test(npm)) return childProcess.spawnSync(process.execPath, [npm].concat(argv), options);
	return childProcess.spawnSync('npm', argv, options);
}

function isRoot() {
	return Boolean(process.getuid) && process.getuid() === 0;
}

function isOnPath(program) {
	return process.env.PATH.split(path.delimiter).some((dir) => fs.existsSync(path.join(dir, program)));
}

function listFiles(dir) {
	return fs.readdirSync(dir, { withFileTypes: true }).reduce((all, entry) => {
		var full = path.join(dir, entry.name);
		return all.concat(entry.isDirectory() ? listFiles(full) : [full]);
	}, []);
}

function hashFiles(files) {
	var hash = crypto.createHash('sha256');
	files.sort().forEach((file) => {
		hash.update(path.relative(path.dirname(__dirname), file)).update(fs.readFileSync(file));
	});
	return hash.digest('hex');
}

function readText(file) {
	return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

module.exports = {
	SetupError: SetupError,
	installDependencies: installDependencies,
	findNode: findNode,
	buildWhenStale: buildWhenStale,
	installBrowser: installBrowser,
	installFence: installFence,
	runNpm: runNpm,
	findBrowser: findBrowser,
	environment: environment,
};
