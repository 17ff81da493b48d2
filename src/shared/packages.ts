import { z } from 'zod';

/** The hosts that projects may fetch packages from, each as `host` or `host:port`. */
export const packageHosts = z.object({
	hosts: z.array(z.string()),
	/** What the list is before anybody has changed it. */
	defaults: z.array(z.string()),
	/** The registry that this server is set up for, which is open to projects too; null when it is set up for none. */
	registry: z.string().nullable(),
});
export type PackageHosts = z.infer<typeof packageHosts>;
