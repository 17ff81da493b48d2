import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A provider for the bench, in a process of its own: it answers every call with a short stream, or, if the model is
 * `slow`, with one that goes on until somebody ends it.
 */
const TOKENS = 20;
const chunk = (content: string) =>
	`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const END = `data: ${JSON.stringify({ id: 'x', choices: [], usage: { prompt_tokens: 9, completion_tokens: TOKENS } })}\n\ndata: [DONE]\n\n`;

const server = createServer((request, response) => {
	let isSlow = false;
	request.on('data', (part: Buffer) => {
		isSlow ||= part.includes('"slow"');
	});
	request.on('end', () => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.write(chunk('first'));
		if (isSlow) {
			const timer = setInterval(() => response.write(chunk('again')), 1_000);
			response.once('close', () => clearInterval(timer));
		} else {
			for (let at = 1; at < TOKENS; at++) response.write(chunk(`word ${at} `));
			response.end(END);
		}
	});
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
