import { z } from 'zod';
import {
	getPackageHosts,
	packageDestinations,
	setPackageHosts,
	toPackageHostsView,
} from '#server/auth/packages/packageHosts.ts';
import { packageHosts } from '#shared/packages.ts';
import { adminAction, nothing } from '../define.ts';
import { personOf } from '../person.ts';

/** Where fenced projects may fetch packages from. */
export const packageVerbs = {
	getPackageHosts: adminAction({
		input: nothing,
		output: packageHosts,
		run: async (_, { app }) => toPackageHostsView(await getPackageHosts(app.db), app.config.registry),
	}),

	setPackageHosts: adminAction({
		input: z.object({ hosts: z.array(z.string().max(300)).max(200) }),
		output: packageHosts,
		async run({ hosts }, context) {
			const saved = await setPackageHosts(context.app.db, personOf(context), hosts);
			const { runtime, config } = context.app;
			await runtime.allowPackages(packageDestinations(saved, config.registry));
			return toPackageHostsView(saved, config.registry);
		},
	}),
};
