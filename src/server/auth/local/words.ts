import { HOST_NAME } from './places.ts';

export type Kind = 'ollama' | 'lmstudio';

/** What came of asking one address: models, another program's answer, or no connection. */
export type Try = { at: string; models?: { id: string; name: string }[]; answers?: number; fault?: string };

export type Words = { fault: string; cure: string; command: string | null };

type Facts = { tries: Try[]; inContainer: boolean };

const NAMES: Record<Kind, string> = { ollama: 'Ollama', lmstudio: 'LM Studio' };

const START: Record<Kind, Omit<Words, 'fault'>> = {
	ollama: { cure: 'Start Ollama, then look again.', command: 'ollama serve' },
	lmstudio: { cure: 'In LM Studio, open Developer and choose Start server.', command: 'lms server start' },
};

/** By itself each listens on 127.0.0.1 of its machine alone. */
const OPEN_UP: Record<Kind, Omit<Words, 'fault'>> = {
	ollama: {
		cure: 'If Ollama runs on the host, it listens on 127.0.0.1 alone, which a container cannot reach. Let it listen on all addresses; your network reaches it then, too.',
		command: 'OLLAMA_HOST=0.0.0.0 ollama serve',
	},
	lmstudio: {
		cure: 'If LM Studio runs on the host, its server is off or listens on 127.0.0.1 alone, which a container cannot reach. Open Developer, choose Start server, and in its settings Serve on local network.',
		command: 'lms server start --bind 0.0.0.0',
	},
};

const GET_MODEL: Record<Kind, Omit<Words, 'fault'>> = {
	ollama: { cure: 'Get one that can use tools, then look again.', command: 'ollama pull qwen3-coder' },
	lmstudio: { cure: 'Download one that can use tools, then look again.', command: 'lms get qwen3-coder' },
};

/** What is wrong with a program that cannot be connected, and what cures it. */
export function wordsFor(kind: Kind, { tries, inContainer }: Facts): Words {
	const name = NAMES[kind];
	const empty = tries.find(({ models }) => models !== undefined);
	if (empty !== undefined)
		return { fault: `${name} answers at ${empty.at} and has no model for conversation.`, ...GET_MODEL[kind] };
	const other = tries.find(({ answers }) => answers !== undefined);
	if (other !== undefined) {
		const fault = `Something answers at ${other.at}, but not like ${name} (${other.answers}).`;
		const cure = `Stop that program and start ${name}; or, if ${name} uses another port, add it as a custom endpoint.`;
		return { fault, cure, command: null };
	}
	return inContainer ? wordsInContainer(kind, tries) : wordsOnMachine(kind, tries);
}

function wordsOnMachine(kind: Kind, tries: Try[]): Words {
	const fault = tries[0]?.fault ?? `${NAMES[kind]} was not found.`;
	if (/in time/.test(fault))
		return { fault, cure: `${NAMES[kind]} hangs or is starting: restart it, then look again.`, command: null };
	return { fault, ...START[kind] };
}

/** From inside, a server that is off looks like one that listens on its machine's 127.0.0.1 alone. */
function wordsInContainer(kind: Kind, tries: Try[]): Words {
	const around = tries.filter(({ at }) => !at.startsWith('127.'));
	const named = around.find(({ at }) => at.startsWith(HOST_NAME));
	const reached = around.filter(({ fault = '' }) => /refused|in time/.test(fault));
	const isFiltered = reached.length > 0 && reached.every(({ fault = '' }) => /in time/.test(fault));
	const fault = (reached[0] ?? around[0])?.fault ?? `${NAMES[kind]} was not found.`;
	if (isFiltered)
		return {
			fault,
			cure: `A firewall on the host may drop what comes from containers: allow ${reached[0]?.at}.`,
			command: null,
		};
	const isNameless = named?.fault !== undefined && /does not exist|could not be resolved/.test(named.fault);
	const hint = isNameless
		? ` Start doce’s container with --add-host=${HOST_NAME}:host-gateway, so that it knows the host by name.`
		: '';
	return { fault, cure: OPEN_UP[kind].cure + hint, command: OPEN_UP[kind].command };
}
