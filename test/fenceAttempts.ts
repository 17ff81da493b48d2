// What an agent that means harm tries from inside a fence. Runs there, as text handed to Node: nothing of doce is there.
// Outside it looks and does not touch, so that a test can show that the same attempts find what is to be found.
/** Each attempt with what came of it: `refused: …` when it failed, else what it got. */
export type Attempts = Record<string, string>;

/** The program; the places to try are its arguments, as JSON. */
export const ATTEMPTS = `
const fs = require('node:fs');
const net = require('node:net');
const { spawnSync } = require('node:child_process');
const { files, ports, hosts } = JSON.parse(process.argv[1]);
const found = {};
const attempt = (name, act) => {
	try { found[name] = 'got ' + String(act()).slice(0, 200); } catch (error) { found[name] = 'refused: ' + (error.code ?? error.message); }
};
const isInside = fs.existsSync('/run/doce/entry.js');
const harm = (name, act) => { if (isInside) attempt(name, act); };
const run = (...argv) => {
	const { status, error, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
	if (error) throw error;
	if (status !== 0) throw new Error(stderr.trim().split('\\n')[0] || 'status ' + status);
	return stdout;
};
for (const file of files) attempt('read ' + file, () => fs.readFileSync(file, 'utf8'));
for (const file of files) attempt('read through init ' + file, () => fs.readFileSync('/proc/1/root' + file, 'utf8'));
attempt('other processes', () => {
	const foreign = fs.readdirSync('/proc').filter((name) => Number(name) > 0)
		.filter((pid) => { try { return !/node|bwrap|prlimit/.test(fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8')); } catch { return false; } });
	if (foreign.length === 0) throw new Error('none');
	return foreign.join();
});
attempt('capabilities', () => {
	const status = fs.readFileSync('/proc/self/status', 'utf8');
	const held = [...status.matchAll(/^Cap\\w+:\\s+(\\w+)/gm)].map((match) => match[1]).filter((set) => /[1-9a-f]/.test(set));
	if (held.length === 0) throw new Error('none');
	return held.join();
});
attempt('new privileges', () => { if (/^NoNewPrivs:\\s+1/m.test(fs.readFileSync('/proc/self/status', 'utf8'))) throw new Error('none'); return 'possible'; });
harm('nested user namespace', () => run('unshare', '--user', '--map-root-user', 'true'));
harm('nested fence', () => run('bwrap', '--unshare-user', '--ro-bind', '/', '/', 'true'));
harm('mount', () => run('mount', '-t', 'tmpfs', 'none', '/tmp'));
harm('change a kernel setting', () => fs.writeFileSync('/proc/sys/kernel/core_pattern', fs.readFileSync('/proc/sys/kernel/core_pattern')));
harm('ask the kernel for a restart', () => fs.accessSync('/proc/sysrq-trigger', fs.constants.W_OK));
harm('memory of the kernel', () => { const fd = fs.openSync('/proc/kcore'); return fs.readSync(fd, Buffer.alloc(16)); });
harm('write to the system', () => fs.writeFileSync('/usr/bin/evil', ''));
harm('write to the root', () => fs.writeFileSync('/evil', ''));
harm('replace its own folder', () => fs.renameSync(process.cwd(), process.cwd() + '-old'));
harm('write to a socket folder of ours', () => fs.writeFileSync('/run/doce/in/evil', ''));
attempt('block devices', () => { const disks = fs.readdirSync('/dev').filter((name) => /^(sd|vd|nvme|dm-|mem|kmsg)/.test(name)); if (disks.length === 0) throw new Error('none'); return disks; });
attempt('users of the machine', () => { const text = fs.readFileSync('/etc/passwd', 'utf8'); if (text.split('\\n').filter(Boolean).length === 1) throw new Error('none'); return text; });
attempt('a neighbour by its signal', () => { for (let pid = 20; pid < 70000; pid++) { try { process.kill(pid, 0); return pid; } catch {} } throw new Error('none'); });
const dial = (host, port) => new Promise((resolve) => {
	const socket = net.connect({ host, port, timeout: 3000 });
	socket.once('connect', () => resolve('got a connection')).once('error', (error) => resolve('refused: ' + error.code)).once('timeout', () => resolve('refused: timeout'));
});
const ask = (authority) => new Promise((resolve) => {
	const socket = net.connect(3128, '127.0.0.1', () => socket.write('CONNECT ' + authority + ' HTTP/1.1\\r\\n\\r\\n'));
	socket.once('data', (data) => { resolve(/^HTTP\\/1.1 200/.test(data) ? 'got a connection' : 'refused: ' + String(data).split(' ')[1]); socket.destroy(); });
	socket.once('error', (error) => resolve('refused: ' + error.code));
});
(async () => {
	for (const port of ports) found['dial 127.0.0.1:' + port] = await dial('127.0.0.1', port);
	for (const host of hosts) found['dial ' + host] = await dial(host.replace(/:\\d+$/, ''), Number(/\\d+$/.exec(host)[0]));
	for (const place of [...ports.map((port) => '127.0.0.1:' + port), ...hosts]) found['ask the proxy for ' + place] = await ask(place);
	console.log(JSON.stringify(found));
	process.exit();
})();
`;
