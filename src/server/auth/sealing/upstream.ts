import type { WireFormat } from '#shared/providers.ts';
import { type ConnectionRow, metadataOf } from '../connections.ts';
import { type DirectoryProvider, targetFromRow } from '../input/endpoint.ts';
import { expand, headerOf, type KeyHeader, writtenBase } from '../probes/targets.ts';
import { sealingsOf } from './sealable.ts';

/** Where the calls of a sealed connection go. Everything in it comes from the connection's row and the catalogue. */
export type Upstream = {
	/** Without a slash at its end. */
	base: string;
	formats: readonly WireFormat[];
	/** What callers write before the path of a wire format; it is no part of `base`'s path any more. */
	prefix: string;
	keyHeaderOf(format: WireFormat): KeyHeader;
	/** Whether streams of chat/completions tell their usage unasked. */
	reportsUsage: boolean;
	allowPrivate: boolean;
};

/** A sentence when the connection's address is not known, or its provider is none that can be sealed. */
export function upstreamOf(known: DirectoryProvider | undefined, row: ConnectionRow): Upstream | string {
	const sealings = sealingsOf(known, row);
	const able = sealings.flatMap((sealing) => ('cannot' in sealing ? [] : [sealing]));
	const first = able[0];
	if (first === undefined || able.length < sealings.length) return 'Its key cannot stay outside projects.';
	const target = targetFromRow(known, row, {});
	const base = baseOf(target, first.prefix ?? '');
	if (base === undefined) return `doce does not know the address of ${target.providerName}.`;
	return {
		base,
		formats: [...new Set(able.flatMap(({ formats }) => formats))],
		prefix: first.prefix ?? '',
		keyHeaderOf: (format) => first.keyHeader ?? headerOf(format),
		reportsUsage: first.reportsUsage ?? false,
		allowPrivate: target.allowPrivate,
	};
}

/** An address of the person's own is what their SDK would have been given; the public one is complete. */
function baseOf(target: ReturnType<typeof targetFromRow>, prefix: string): string | undefined {
	const written = target.baseURL === null ? writtenBase(target) : target.baseURL + prefix;
	return written === null ? undefined : expand(written, target.fields)?.replace(/\/+$/, '');
}

/** Models that the catalogue has at an address of their own are not reached through their provider's. */
export function isElsewhere(
	model: { provider?: { api?: string | undefined } | undefined },
	row: Pick<ConnectionRow, 'base_url' | 'metadata'>,
): boolean {
	return row.base_url === null && metadataOf(row).custom === null && model.provider?.api !== undefined;
}
