import type { Isolation } from '#shared/projects.ts';

export type ProcessName = 'opencode' | 'preview';

/** What to execute: an argument list (never a shell line), the complete environment, and the folder to run in. */
export type Command = {
	argv: string[];
	env: Record<string, string>;
	cwd: string;
	/** How willingly it lets other processes go first, 0 to 19; 0 unless given. */
	niceness?: number;
};

export type ProcessSpec = {
	name: ProcessName;
	/** What it reaches beside the `Access` of the project; no other process and no command of the project does. */
	own?: Pick<Access, 'write' | 'read' | 'ports'>;
	/** Called with the port on 127.0.0.1 that the process has to listen on; again, with another one, if that is taken. */
	command(port: number): Command;
};

/** Where a project may connect to. `local`: a private address is meant, which an admin has allowed. */
export type Destination = { host: string; port: number; local: boolean };

/** All that a fenced process reaches, beside programs and its own temporary files. Without a fence it is ignored. */
export type Access = {
	/** Existing folders. One that lies in an earlier one is pinned by that: nothing can be put in its place. */
	write: string[];
	read: string[];
	/** Beside the hosts of packages. One on this machine appears inside at the same port of its own 127.0.0.1. */
	destinations: Destination[];
	/** Unix sockets, alone in their folders, that appear inside as ports of 127.0.0.1. */
	ports: { port: number; socket: string }[];
};

/** What one project may use. An engine that does not keep to one of them leaves it out of `Runtime.keeps`. */
export type Limits = {
	/** For its agent with all that it starts, and as much again for its preview. */
	memoryBytes: number;
	/** Cores, in parts of one: for its agent, and as many again for its preview. */
	cpus: number;
	/** All that it has written: site, packages, history. */
	diskBytes: number;
};
export type LimitName = 'memory' | 'cpus' | 'disk';

/** What one process, with all that it started, uses now. */
export type ProcessLoad = {
	name: ProcessName;
	memoryBytes: number;
	/** Cores, as a mean over the last second or so: 1.5 is one and a half. */
	cpus: number;
};
/** `diskBytes` was measured a while ago; it is absent where no engine measures it. */
export type Load = { isPaused: boolean; processes: ProcessLoad[]; diskBytes?: number };

export type RuntimeSpec = {
	projectId: string;
	limits: Limits;
	/** Of each of its processes, and of the commands that run beside them. */
	access: Access;
	/** Protects the project's OpenCode server; kept beside the processes, so that a restarted doce can adopt them. */
	password: string;
	processes: ProcessSpec[];
};

/** `socket`, where there is one, is the only way in: host and port are those that the process itself listens on. */
export type Address = { host: string; port: number; socket?: string };

/** Where a running project is reached. `password` belongs to the OpenCode server that runs now. */
export type RuntimeAddress = { password: string; opencode: Address; preview: Address };

export type ProcessStatus = {
	name: ProcessName;
	state: 'running' | 'exited';
	pid?: number;
	/** As a shell reports it: 128 + the signal's number after a signal. Unknown for processes that were adopted. */
	exitCode?: number;
	/** Epoch milliseconds. */
	startedAt: number;
};

/** Output is cut off after 256 KB per stream. */
export type ExecResult = { exitCode: number; stdout: string; stderr: string };

/**
 * What runs projects. Every engine passes `runtime.contract.ts`.
 * Calls for one project are served one after another; calls for different projects are not.
 */
export type Runtime = {
	readonly kind: 'process' | 'docker' | 'swarm';
	/** How well projects are kept apart from this machine and from each other. */
	readonly isolation: Isolation;
	/** The limits that it keeps projects to. */
	readonly keeps: readonly LimitName[];
	/** Whether `pause` does anything. */
	readonly canPause: boolean;
	/** Why nothing can be started now, with the cure, in words for a person; undefined when all is well. */
	trouble(): string | undefined;
	/**
	 * Starts what is missing and keeps what runs. Returns as soon as the processes exist: whether they answer is for the
	 * caller to find out, with `find()` before each try, since a process that lost its port is started again on another.
	 * Throws `AppError('unavailable')` when a program cannot be started, and the signal's reason when aborted.
	 */
	start(spec: RuntimeSpec, signal: AbortSignal): Promise<RuntimeAddress>;
	/**
	 * The address of a project whose processes are all alive, or the named one; cheap enough for every request. To be asked
	 * for by who is about to use it: a paused project goes on.
	 */
	find(projectId: string, name?: ProcessName): Promise<RuntimeAddress | undefined>;
	/** An empty list for a project that was never started or has been stopped. */
	status(projectId: string): Promise<{ processes: ProcessStatus[] }>;
	/** The last lines that a process wrote, without terminal colours; they outlive `stop`. */
	logs(projectId: string, name: ProcessName, lines: number): Promise<string[]>;
	/** Replaces the destinations of a project, from now on; returns when they can be used. */
	allow(projectId: string, destinations: Destination[]): Promise<void>;
	/** Replaces the hosts that every project may fetch packages from. */
	allowPackages(hosts: Destination[]): Promise<void>;
	/** Runs a command beside the project's preview and waits for its end. Throws `AppError('conflict')` when stopped. */
	exec(projectId: string, argv: string[], signal?: AbortSignal): Promise<ExecResult>;
	/** Runs a command for a project that need not run, and that reaches this and no more. */
	run(projectId: string, command: Command, access: Access, signal?: AbortSignal): Promise<ExecResult>;
	/** Keeps a project to these from now on, as far as it runs: the next `start` brings its own. */
	limit(projectId: string, limits: Limits): Promise<void>;
	/** What the project uses; undefined when nothing of it runs. Does not wake a paused one. */
	load(projectId: string): Promise<Load | undefined>;
	/** Freezes all of a project where it stands, until `find` or `start`. False when it does not run, or cannot be. */
	pause(projectId: string): Promise<boolean>;
	/** Ends every process of the project, those they started included: asked first, killed after five seconds. */
	stop(projectId: string): Promise<void>;
	/** `stop`, and what the runtime stored about the project is gone too. */
	destroy(projectId: string): Promise<void>;
	/**
	 * To be called once, before anything is started: finds what an earlier doce left running. Returns the projects that
	 * run completely; ends what runs in part or belongs to nobody. An authenticated call is the caller's part.
	 */
	adopt(): Promise<string[]>;
	/** The projects of which any process runs. */
	list(): Promise<string[]>;
	stopAll(): Promise<void>;
	/** Tells of processes that ended by themselves. Returns the way to stop listening. */
	onExit(listener: (projectId: string, name: ProcessName) => void): () => void;
	/**
	 * Tells of a limit that a project ran into, once for each time; before `onExit`, where a process ended of it. `name` is
	 * absent where it is not the affair of one process. Returns the way to stop listening.
	 */
	onLimit(listener: (projectId: string, limit: LimitName, name?: ProcessName) => void): () => void;
	/** Tells that projects can be started again, after they could not. Returns the way to stop listening. */
	onRecovery(listener: () => void): () => void;
};
