import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#server/errors.ts';
import { type ConnectionRow, metadataOf, placesOf } from '../connections.ts';
import type { DirectoryProvider } from './directory.ts';
import { isLocal } from './endpoint.ts';
import { readFields } from './fields.ts';

/** A connection's metadata with other extra fields. Throws `AppError('invalid')` for fields that its provider does not take. */
export function metadataWithFields(
	known: DirectoryProvider | undefined,
	row: ConnectionRow,
	given: Record<string, string>,
): string {
	if (known === undefined || row.auth_type === 'wellknown')
		throw new AppError('invalid', 'This connection has no extra fields to change.');
	const metadata = metadataOf(row);
	const rules = { allowPrivate: isLocal(metadata), ownAddress: row.base_url !== null };
	return JSON.stringify({ ...metadata, fields: readFields(known, given, rules) });
}

/** Throws `AppError('invalid')` when a kept key would go to another place than it was given for. */
export function requireSamePlaces(before: ConnectionRow, after: Pick<ConnectionRow, 'metadata'>): void {
	if (isDeepStrictEqual(placesOf(before), placesOf(after))) return;
	throw new AppError('invalid', 'This changes where the key is sent. Enter the key again, too.');
}
