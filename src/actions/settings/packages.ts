import { z } from 'zod';
import { getPackageHosts, packageDestinations, setPackageHosts } from '#server/auth/packages/packageHosts.ts';
import { adminAction, nothing } from '../define.ts';
import { personOf } from '../person.ts';

const list = z.object({ hosts: z.array(z.string()) });

/** Where fenced projects may fetch packages from. */
export const packageVerbs = {
	getPackageHosts: adminAction({
		input: nothing,
		output: list,
		run: async (_, { app }) => ({ hosts: await getPackageHosts(app.db) }),
	}),

	setPackageHosts: adminAction({
		input: z.object({ hosts: z.array(z.string().max(300)).max(200) }),
		output: list,
		async run({ hosts }, context) {
			const saved = await setPackageHosts(context.app.db, personOf(context), hosts);
			const { runtime, config } = context.app;
			await runtime.allowPackages(packageDestinations(saved, config.registry));
			return { hosts: saved };
		},
	}),
};
