import { z } from 'zod';

const destination = z.object({ host: z.string(), port: z.int().min(1).max(65_535), local: z.boolean() });

/** What doce tells the proxy, as a whole each time. */
export const proxyState = z.object({
	/** Open to every project. */
	packages: z.array(destination),
	/** By project: where its proxy listens, and what is open to it alone. */
	projects: z.record(z.string(), z.object({ socket: z.string(), destinations: z.array(destination) })),
});
export type ProxyState = z.infer<typeof proxyState>;

/** The socket below the root at which doce speaks to the proxy; no fence shows it. */
export const CONTROL = 'control.sock';

/** As it is written: a bare host, `127.0.0.1:8080`, `[::1]:8080`. */
export function nameOf({ host, port }: { host: string; port: number }): string {
	return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
