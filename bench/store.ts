import { openDatabase } from '../src/server/db/client.ts';
import { findFirstAdmin } from '../src/server/users/users.ts';
import { startDoce } from '../test/harness/doce.ts';
import { printRow, time } from './figures.ts';
import { storeJobs, storeProjects } from './rows.ts';

const RUNS = 100;

/** Verbs and pages with 1,000 projects and 10,000 jobs stored. */
export async function benchStore(): Promise<void> {
	const doce = await startDoce();
	const { db, close } = await openDatabase(`${doce.dataDir}/doce.sqlite`);
	const admin = await findFirstAdmin(db);
	if (admin === undefined) throw new Error('There is no admin.');
	const [projectId = ''] = await storeProjects(db, admin.id, 1_000);
	await storeJobs(db, 10_000, { id: projectId, userId: admin.id });
	await close();
	for (const [verb, input] of [
		['projects/list', {}],
		['projects/get', { projectId }],
		['queue/list', {}],
		['settings/getProviderConnections', {}],
	] as const) {
		const times: number[] = [];
		for (let run = 0; run < RUNS; run++) times.push(await time(() => doce.call(verb, input)));
		printRow(`${verb}, 1,000 projects and 10,000 jobs stored`, times, 'ms');
	}
	const authorization = { headers: { cookie: await signIn(doce.url) } };
	for (const path of ['/', `/projects/${projectId}`, '/queue', '/settings']) {
		const times: number[] = [];
		for (let run = 0; run < RUNS; run++) {
			times.push(
				await time(async () => (await fetch(doce.url.replace('localhost', '127.0.0.1') + path, authorization)).text()),
			);
		}
		printRow(`page ${path.replace(projectId, '…')}`, times, 'ms');
	}
	await doce.destroy();
}

async function signIn(url: string): Promise<string> {
	const answer = await fetch(`${url.replace('localhost', '127.0.0.1')}/api/v1/users/signIn`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: url },
		body: JSON.stringify({ username: 'admin', password: 'correct horse' }),
	});
	return answer.headers
		.getSetCookie()
		.map((cookie) => cookie.split(';')[0])
		.join('; ');
}
