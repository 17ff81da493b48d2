/** How the engine frames output: which stream, three empty bytes, the length as 32 bits, then so many bytes. */
const HEAD_BYTES = 8;
const STDERR = 2;

/** Takes apart what the engine sends of a container without a terminal: each stream, and both in their order. */
export function demultiplex(framed: Buffer): { stdout: Buffer; stderr: Buffer; all: Buffer } {
	const parts: { stream: number; bytes: Buffer }[] = [];
	for (let at = 0; at + HEAD_BYTES <= framed.length; ) {
		const length = framed.readUInt32BE(at + 4);
		parts.push({ stream: framed[at] ?? 0, bytes: framed.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length) });
		at += HEAD_BYTES + length;
	}
	const joined = (wanted: (stream: number) => boolean) =>
		Buffer.concat(parts.filter(({ stream }) => wanted(stream)).map(({ bytes }) => bytes));
	return {
		stdout: joined((stream) => stream !== STDERR),
		stderr: joined((stream) => stream === STDERR),
		all: joined(() => true),
	};
}
