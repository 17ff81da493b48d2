import { createHash } from 'node:crypto';
import type { WireFormat } from '#shared/providers.ts';
import { type ConnectionRow, metadataOf } from '../connections.ts';
import type { DirectoryProvider } from '../input/directory.ts';
import { targetFromRow } from '../input/endpoint.ts';
import { fillPlaceholders } from '../input/placeholders.ts';
import { headerOf, type KeyHeader, writtenBase } from '../probes/targets.ts';
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

/**
 * The upstream at a place as `placeOf` names it. A sentence when the connection's address is not known, or its provider
 * is none that can be sealed.
 */
export function upstreamOf(known: DirectoryProvider | undefined, row: ConnectionRow, place = ''): Upstream | string {
	const there = place === '' ? undefined : known?.models.filter((model) => placeOf(model, row) === place);
	if (there?.length === 0) return 'There is no such address.';
	const npm = there?.[0]?.provider?.npm ?? known?.npm ?? null;
	const sealings = sealingsOf(known && there ? { npm, models: there } : known, row);
	const able = sealings.flatMap((sealing) => ('cannot' in sealing ? [] : [sealing]));
	const first = able[0];
	if (first === undefined || able.length < sealings.length) return 'Its key cannot stay outside projects.';
	const target = targetFromRow(known, row, {});
	const api = there?.[0]?.provider?.api;
	const base = api === undefined ? baseOf(target, first.prefix ?? '') : filled(api, target.fields);
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
	return written === null ? undefined : filled(written, target.fields);
}

function filled(template: string, fields: Record<string, string>): string | undefined {
	return fillPlaceholders(template, fields)?.replace(/\/+$/, '');
}

/**
 * What stands behind the gateway's address for a model that the catalogue has at another address than its provider's:
 * a caller chooses among the catalogue's own addresses by it, and names none.
 */
export function placeOf(
	model: { provider?: { api?: string | undefined } | undefined },
	row: Pick<ConnectionRow, 'base_url' | 'metadata'>,
): string {
	const api = row.base_url === null && metadataOf(row).custom === null ? model.provider?.api : undefined;
	return api === undefined ? '' : `/at-${createHash('sha256').update(api).digest('hex').slice(0, 12)}`;
}
