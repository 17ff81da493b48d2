import { writeFileSync } from 'node:fs';

/**
 * Leaves the memory of this process, and of those it starts, out of core files, which would hold keys. Only Linux has a
 * way (core(5)). Returns whether it worked.
 */
export function keepMemoryOutOfCoreFiles(): boolean {
	try {
		writeFileSync('/proc/self/coredump_filter', '0x0');
		return true;
	} catch {
		return false;
	}
}
