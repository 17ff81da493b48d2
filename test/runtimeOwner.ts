// A doce in small, for tests to kill: starts projects in a runtime folder, says so, and waits.
import { createLogger } from '../src/server/logger.ts';
import { createProcessRuntime } from '../src/server/runtime/process.ts';
import { projectOfTinyServers } from './runtimeProjects.ts';

const [dir = '', ...projectIds] = process.argv.slice(2);
const runtime = createProcessRuntime({ dir, logger: createLogger('silent') });
const forever = new AbortController().signal;
await Promise.all(projectIds.map((id) => runtime.start(projectOfTinyServers(id, '/'), forever)));
console.log('started');
setInterval(() => undefined, 1_000);
