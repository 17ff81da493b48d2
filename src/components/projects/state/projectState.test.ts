import { describe, expect, it } from 'vitest';
import type { ProjectView, StepView } from '#shared/projects.ts';
import { type JobView, SETUP_STEPS } from '#shared/queue.ts';
import { initialProject, type ProjectEvent, reduceProject } from './projectState.ts';

const time = '2026-01-01T10:00:00.000Z';
const step = (type: string, fields: Partial<StepView> = {}): StepView => ({
	type,
	jobId: null,
	state: 'queued',
	attempts: 0,
	startedAt: null,
	finishedAt: null,
	error: null,
	...fields,
});
const project: ProjectView = {
	id: 'p',
	name: 'Bakery',
	slug: 'bakery',
	status: 'creating',
	providerId: 'demo',
	fallback: null,
	sealedOnly: false,
	modelId: 'demo',
	createdAt: time,
	lastActiveAt: time,
	prompt: 'A bakery',
	runtime: 'process',
	isolation: { level: 'isolated', reason: 'Each project sees its own files only.' },
	keeps: [],
	previewUrl: 'http://bakery.localhost:4321/?token=x',
	busy: false,
	standIn: null,
	costThisMonth: 0,
	steps: SETUP_STEPS.map((type) => step(type)),
	notices: [],
};
const job = (id: string, second: number, fields: Partial<JobView> = {}): JobView => ({
	id,
	type: 'runtime.start',
	lane: 'setup',
	state: 'queued',
	projectId: 'p',
	projectName: 'Bakery',
	attempts: 0,
	maxAttempts: 3,
	runAt: time,
	startedAt: null,
	finishedAt: null,
	createdAt: `2026-01-01T10:00:0${second}.000Z`,
	lastError: null,
	...fields,
});
const start = initialProject(project, [], []);
const applied = (...events: ProjectEvent[]) => events.reduce(reduceProject, start);

describe('the project page', () => {
	it('takes a new status and keeps what the event does not carry', () => {
		const {
			prompt: _p,
			runtime: _r,
			previewUrl: _u,
			busy: _b,
			standIn: _i,
			costThisMonth: _j,
			steps: _s,
			notices: _n,
			...summary
		} = project;
		const state = applied({
			type: 'project.changed',
			project: { ...summary, status: 'running' },
			notices: [{ level: 'info', message: 'Ready', action: null }],
			busy: true,
			standIn: null,
			costThisMonth: 0.5,
		});
		expect(state.project).toMatchObject({
			status: 'running',
			busy: true,
			standIn: null,
			costThisMonth: 0.5,
			previewUrl: project.previewUrl,
		});
		expect(state.project.notices).toHaveLength(1);
	});

	it('replaces one step and leaves the order of the six', () => {
		const running = step('runtime.start', { state: 'running', attempts: 1, startedAt: time });
		const event: ProjectEvent = { type: 'project.step', projectId: 'p', step: running };
		const state = applied(event, event);
		expect(state.project.steps.map((shown) => shown.type)).toEqual([...SETUP_STEPS]);
		expect(state.project.steps[1]).toEqual(running);
	});

	it('ignores events of other projects', () => {
		const state = applied(
			{ type: 'project.deleted', projectId: 'other' },
			{ type: 'project.step', projectId: 'other', step: step('runtime.start', { state: 'failed' }) },
			{ type: 'chat.status', projectId: 'other', status: 'Waiting' },
			{ type: 'job.changed', job: job('j', 1, { projectId: 'other' }) },
		);
		expect(state).toBe(start);
	});

	it('keeps jobs newest first, each once', () => {
		const state = applied(
			{ type: 'job.changed', job: job('a', 1) },
			{ type: 'job.changed', job: job('b', 2) },
			{ type: 'job.changed', job: job('a', 1, { state: 'running' }) },
		);
		expect(state.jobs.map((shown) => `${shown.id} ${shown.state}`)).toEqual(['b queued', 'a running']);
	});

	it('stops saying what the agent waits for once it is idle', () => {
		const {
			prompt: _p,
			runtime: _r,
			previewUrl: _u,
			busy: _b,
			standIn: _i,
			costThisMonth: _j,
			steps: _s,
			notices: _n,
			...summary
		} = project;
		const waiting: ProjectEvent = { type: 'chat.status', projectId: 'p', status: 'Provider is busy' };
		expect(applied(waiting).chat.status).toBe('Provider is busy');
		const idle: ProjectEvent = {
			type: 'project.changed',
			project: summary,
			notices: [],
			busy: false,
			standIn: null,
			costThisMonth: 0.5,
		};
		expect(applied(waiting, idle).chat.status).toBeNull();
	});

	it('counts changes of files', () => {
		const event: ProjectEvent = { type: 'project.filesChanged', projectId: 'p' };
		expect(applied(event, event).filesVersion).toBe(2);
	});
});
