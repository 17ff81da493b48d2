import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { reachOf } from '#server/addresses.ts';
import { recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { PackageHosts } from '#shared/packages.ts';
import type { Person } from '../connectionChanges.ts';
import { findInstanceValue, saveInstanceValue } from '../instance.ts';

const NAME = 'package_hosts';
const DEFAULT_HOSTS = ['registry.npmjs.org'];
const HTTPS_PORT = 443;
const MOST_HOSTS = 100;

/** A host that fenced projects may fetch from, with the port it is asked at. */
export type PackageDestination = { host: string; port: number; local: boolean };

const stored = z.array(z.string());

/** The hosts that fenced projects may fetch packages from, as `host` or `host:port`. */
export async function getPackageHosts(db: Db): Promise<string[]> {
	const value = await findInstanceValue(db, NAME);
	return value === undefined ? DEFAULT_HOSTS : stored.parse(JSON.parse(value));
}

/** The list with all that is open beside it. */
export function toPackageHostsView(hosts: string[], registry: string | undefined): PackageHosts {
	const own = registryDestination(registry);
	return { hosts, defaults: DEFAULT_HOSTS, registry: own === undefined ? null : entryOf(own) };
}

/** Replaces the list. Throws `AppError('invalid')` that names the entry which is no public host. */
export async function setPackageHosts(db: Db, person: Person, hosts: readonly string[]): Promise<string[]> {
	const checked = [...new Set(hosts.map(checkHost))];
	if (checked.length > MOST_HOSTS) throw new AppError('invalid', `The list has at most ${MOST_HOSTS} hosts.`);
	const value = JSON.stringify(checked);
	await inTransaction(db, async (tx) => {
		await saveInstanceValue(tx, NAME, value);
		const detail = { hosts: checked.join(', ') };
		await recordAudit(tx, { actor: person.actor, userId: person.id, action: 'settings.packageHosts', detail });
	});
	return checked;
}

/**
 * What the proxy of the projects is told: the list, and the registry that this machine is set up for. That may be a
 * private one: whoever started doce has named it.
 */
export function packageDestinations(hosts: readonly string[], registry: string | undefined): PackageDestination[] {
	const listed = hosts.map((entry) => ({ ...splitHost(entry), local: false }));
	const own = registryDestination(registry);
	return own === undefined ? listed : [...listed, own];
}

function registryDestination(registry: string | undefined): PackageDestination | undefined {
	const url = registry !== undefined && URL.canParse(registry) ? new URL(registry) : undefined;
	if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
	const port = Number(url.port) || (url.protocol === 'https:' ? HTTPS_PORT : 80);
	return { host: url.hostname.replace(/^\[|\]$/g, ''), port, local: true };
}

function entryOf({ host, port }: PackageDestination): string {
	const name = host.includes(':') ? `[${host}]` : host;
	return port === HTTPS_PORT ? name : `${name}:${port}`;
}

function checkHost(entry: string): string {
	const text = entry.trim().toLowerCase();
	if (
		!/^(?=.{1,260}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*(:\d{1,5})?$/.test(text) ||
		isPrivateName(text)
	) {
		throw new AppError(
			'invalid',
			`"${entry}" is not the name of a public host. Write it like registry.npmjs.org, with :port for another port than 443.`,
		);
	}
	const { host, port } = splitHost(text);
	if (port < 1 || port > 65_535) throw new AppError('invalid', `"${entry}" has no port between 1 and 65535.`);
	return port === HTTPS_PORT ? host : text;
}

/** Addresses are refused by their shape already, apart from those that look like names. */
function isPrivateName(text: string): boolean {
	const { host } = splitHost(text);
	return host.endsWith('.localhost') || (ipaddr.isValid(host) && reachOf(host) !== 'public');
}

function splitHost(entry: string): { host: string; port: number } {
	const [host = '', port] = entry.split(':');
	return { host, port: port === undefined ? HTTPS_PORT : Number(port) };
}
