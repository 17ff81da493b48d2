import type { Logger } from '#server/logger.ts';
import type { Separation } from '../fence/fence.ts';
import { openRecords, type RecordStore } from '../records.ts';
import type { Address, ProcessName, ProcessSpec, ProcessStatus, RuntimeAddress } from '../runtime.ts';
import type { Turns } from '../turns.ts';
import { createPorts, type Ports } from './ports.ts';
import { type ProcessRecord, processRecord, type RunningProcess } from './record.ts';
import { bootId, isAlive } from './table.ts';

const HOST = '127.0.0.1';

/** What the process runtime knows while it lives; the records are the part that survives it. */
export type Engine = {
	dir: string;
	logger: Logger;
	separation: Separation;
	/** Milliseconds between asking a process to end and killing it. */
	graceMs: number;
	boot: string;
	records: RecordStore<ProcessRecord>;
	ports: Ports;
	turns: Turns;
	/** By process: what was asked for, and how often it may still be given another port. */
	specs: Map<string, { spec: ProcessSpec; portTries: number }>;
	exitCodes: Map<string, number>;
	/** By process: how long it had kept processors busy, in seconds, when that was looked at. */
	processorTimes: Map<string, { at: number; seconds: number }>;
	/** Adopted processes: not our children, so the system does not tell us of their end. */
	adopted: Set<string>;
	/** Projects whose processes end because we want it. */
	ending: Set<string>;
	listeners: Set<(projectId: string, name: ProcessName) => void>;
	pulse: NodeJS.Timeout | undefined;
};

export type EngineOptions = {
	dir: string;
	logger: Logger;
	/** Made for this very `dir`; without it projects are not fenced. */
	separation?: Separation;
	graceMs?: number;
};

const NO_SEPARATION: Separation = {
	isolation: { level: 'not', reason: 'This runtime has no fence.' },
	fence: undefined,
};

export function openEngine({ dir, logger, separation = NO_SEPARATION, graceMs = 5_000 }: EngineOptions): Engine {
	const records = openRecords(dir, processRecord, logger);
	const ports = createPorts();
	for (const { port } of records.all().flatMap(({ processes }) => processes)) ports.hold(port);
	return {
		...{ dir, logger, separation, graceMs, records, ports, boot: bootId(), pulse: undefined },
		...{ turns: new Map(), specs: new Map(), exitCodes: new Map(), processorTimes: new Map() },
		...{ adopted: new Set(), ending: new Set(), listeners: new Set() },
	};
}

export function keyOf(projectId: string, name: ProcessName): string {
	return `${projectId}/${name}`;
}

export function processOf(record: ProcessRecord, name: ProcessName): RunningProcess {
	const process = record.processes.find((one) => one.name === name);
	if (process === undefined) throw new Error(`Project ${record.projectId} has no process "${name}"`);
	return process;
}

/** Whether this process, or without a name all of them, is alive. */
export function isRunning(engine: Engine, record: ProcessRecord, name?: ProcessName): boolean {
	const asked = record.processes.filter((process) => name === undefined || process.name === name);
	return (
		record.bootId === engine.boot &&
		asked.length > 0 &&
		asked.every(({ identity }) => identity !== null && isAlive(identity))
	);
}

export function addressOf({ separation: { fence } }: Engine, record: ProcessRecord): RuntimeAddress {
	const at = (name: ProcessName): Address => ({
		host: HOST,
		port: processOf(record, name).port,
		...(fence !== undefined && { socket: fence.socketOf(record.projectId, name) }),
	});
	return { password: record.password, opencode: at('opencode'), preview: at('preview') };
}

export function statusOf(engine: Engine, record: ProcessRecord): ProcessStatus[] {
	return record.processes
		.filter(({ identity }) => identity !== null)
		.map(({ name, identity, startedAt }) => {
			if (identity !== null && isRunning(engine, record, name)) {
				return { name, state: 'running', pid: identity.pid, startedAt };
			}
			const exitCode = engine.exitCodes.get(keyOf(record.projectId, name));
			return { name, state: 'exited', startedAt, ...(exitCode === undefined ? {} : { exitCode }) };
		});
}
