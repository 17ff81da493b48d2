import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { openDatabase } from '#server/db/client.ts';
import { Secret } from '#server/secret.ts';
import { openKeyring } from '../keys/keyring.ts';
import { renewal } from '../oauth/recipes.ts';
import { type RenewalOutcome, renew } from './renew.ts';

/*
 * A process that renews one sign-in and ends. It lives on when doce is killed: between the provider's answer and the
 * database there is nobody but this process, and the new tokens are in no other memory. What it needs comes through its
 * input, so that nothing secret stands in its arguments or environment.
 */

/** What the process is told. */
const errand = z.object({
	databaseFile: z.string(),
	masterKeyFile: z.string(),
	/** Set where the master key is in no file. */
	masterKey: z.string().optional(),
	connectionId: z.string(),
	/** `oauth_renew_at` of what is to be renewed: newer tokens are left alone. */
	renewAt: z.number().nullable(),
	renewal,
});
export type Errand = z.infer<typeof errand>;

async function run(): Promise<RenewalOutcome> {
	const { databaseFile, masterKeyFile, masterKey, ...work } = errand.parse(JSON.parse(await text(process.stdin)));
	const database = await openDatabase(databaseFile);
	try {
		const source = { masterKeyFile, masterKey: masterKey === undefined ? undefined : new Secret(masterKey) };
		return await renew(database.db, await openKeyring(database.db, source), work);
	} finally {
		await database.close();
	}
}

if (process.argv[2] === 'renew') {
	// doce may be gone by the time this one has something to say.
	process.stdout.on('error', () => process.exit(0));
	process.stdout.write(JSON.stringify(await run()));
}
