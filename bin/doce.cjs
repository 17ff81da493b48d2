#!/usr/bin/env node
// The launcher. It runs under whatever Node is there, so it keeps to old syntax, and finds or installs what doce needs.
'use strict';

var childProcess = require('node:child_process');
var fs = require('node:fs');
var path = require('node:path');
var prepare = require('./prepare.cjs');

var root = path.resolve(__dirname, '..');
var command = process.argv[2] || 'help';
var args = process.argv.slice(3);

main();

function main() {
	var node;
	process.chdir(root);
	try {
		prepare.installDependencies(root);
		node = prepare.findNode(root);
		if (command === 'start') startServer(node);
		else if (command === 'dev') run(node, ['src/server/start.ts', '--dev']);
		else if (command === 'test') runTests(node, ['unit', 'opencode', 'e2e'], true);
		else if (command === 'test:leak') runTests(node, ['leak'], false);
		else if (command === 'test:docker') testDocker(node);
		else if (command === 'docker:build') makeImage(node, 'docker/build.ts');
		else if (command === 'docker:stage') makeImage(node, 'docker/stageInto.ts');
		else run(node, ['src/cli/doce.ts', command].concat(args));
	} catch (error) {
		if (!(error instanceof prepare.SetupError)) throw error;
		console.error(`\n${error.message}\n`);
		process.exit(1);
	}
}

function startServer(node) {
	prepare.buildWhenStale(root, node);
	run(node, ['src/server/start.ts']);
}

/** The tests of what runs in containers, and the stories and the leak sweep with every project in some. */
function testDocker(node) {
	prepare.buildWhenStale(root, node);
	var env = prepare.environment(node);
	var built = childProcess.spawnSync(node, ['docker/build.ts'], { stdio: 'inherit', env: env });
	if (built.status !== 0) throw new prepare.SetupError('The tests need the images of doce; see above.');
	process.env.DOCE_RUNTIME = 'docker';
	runTests(node, ['docker', 'docker-stories', 'docker-leak'], false);
}

/** doce's own image has its pages in it; the one of projects has nothing of them. */
function makeImage(node, program) {
	if (args.indexOf('project') === -1) prepare.buildWhenStale(root, node);
	run(node, [program].concat(args));
}

/** The checks, if wanted, then every test of some projects, then one closing line that says how many passed and failed. */
function runTests(node, projects, checksFirst) {
	prepare.installBrowser(root, node);
	prepare.installFence();
	prepare.buildWhenStale(root, node);
	var env = prepare.environment(node);
	var report = `test-results/${command.replace(':', '-')}.json`;
	var vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'];
	fs.rmSync(report, { force: true });
	var failed = checksFirst && prepare.runNpm(['run', 'check'], root, env).status !== 0;
	if (!failed) {
		projects.forEach((project) => {
			vitest.push('--project', project);
		});
		vitest = vitest.concat(`--outputFile.json=${report}`, args);
		failed = childProcess.spawnSync(node, vitest, { stdio: 'inherit', env: env }).status !== 0;
	}
	var result = fs.existsSync(report)
		? JSON.parse(fs.readFileSync(report, 'utf8'))
		: { numPassedTests: 0, numFailedTests: 1 };
	var failures = failed ? Math.max(1, result.numFailedTests) : 0;
	if (result.numPendingTests > 0) {
		console.error(`${result.numPendingTests} tests were skipped: a skipped test is a failed one.`);
		failures += result.numPendingTests;
	}
	console.log(`${result.numPassedTests} passed, ${failures} failed`);
	process.exit(failures > 0 ? 1 : 0);
}

/** Runs in the foreground until it ends; signals go on to it, and it learns from the closed channel if we are killed. */
function run(node, argv) {
	var child = childProcess.spawn(node, argv, {
		stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
		env: prepare.environment(node),
	});
	['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => {
		process.on(signal, () => {
			// Ctrl+C reaches the whole foreground group by itself.
			if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
		});
	});
	child.on('exit', (code, signal) => {
		process.exit(code === null ? 128 + (require('node:os').constants.signals[signal] || 0) : code);
	});
}
