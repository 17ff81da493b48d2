import { describe, expect, it } from 'vitest';
import { connectionReason, connectionStatus } from '#shared/providers.ts';
import { CONNECTIONS } from '../showcase/fixtures.ts';
import { applyConnectionEvent } from './applyConnectionEvent.ts';
import { connectionFacts, connectionState } from './connectionWords.ts';

const find = (id: string) => {
	const found = CONNECTIONS.find((connection) => connection.id === id);
	if (found === undefined) throw new Error(`No fixture ${id}.`);
	return found;
};

describe('a connection in words', () => {
	it('has different words for every reason', () => {
		const words = connectionReason.options.map((reason) => connectionState({ status: 'error', reason }).words);
		expect(new Set(words).size).toBe(connectionReason.options.length);
	});

	it('never looks healthy with a status that is not', () => {
		const healthy = connectionStatus.options.filter(
			(status) => connectionState({ status, reason: null }).tone === 'ok',
		);
		expect(healthy).toEqual(['connected']);
	});

	it('says where the key is, how it is known and who uses it', () => {
		expect(connectionFacts(find('c1'))).toEqual([
			'Work',
			'API key ···4f2a',
			'Key stays outside projects',
			'Used by 4 projects',
		]);
		expect(connectionFacts(find('c4'))).toContain('Key is copied into projects');
	});

	it('names the host of an endpoint, and no key where there is none', () => {
		expect(connectionFacts(find('c5'))).toEqual([
			'API key',
			'localhost:11434',
			'Key stays outside projects',
			'Used by 1 project',
		]);
	});

	it('calls the demo scripted', () => {
		expect(connectionFacts(find('c10'))).toEqual(['Scripted, works offline', 'Used by 2 projects']);
	});
});

describe('the list of connections', () => {
	it('keeps its order when a row changes', () => {
		const connection = { ...find('c2'), label: 'Home' };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(after.map((entry) => entry.id)).toEqual(CONNECTIONS.map((entry) => entry.id));
		expect(after[1]?.label).toBe('Home');
	});

	it('gets a new row at its end, and loses a removed one', () => {
		const added = applyConnectionEvent(CONNECTIONS, {
			type: 'connection.changed',
			connection: { ...find('c1'), id: 'new' },
		});
		expect(added.at(-1)?.id).toBe('new');
		const removed = applyConnectionEvent(added, { type: 'connection.removed', connectionId: 'c1' });
		expect(removed.map((entry) => entry.id)).not.toContain('c1');
	});

	it('has one default', () => {
		const connection = { ...find('c3'), preferred: true };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(after.filter((entry) => entry.preferred).map((entry) => entry.id)).toEqual(['c3']);
	});

	it('is left alone by other events', () => {
		expect(applyConnectionEvent(CONNECTIONS, { type: 'hello', version: '1' })).toBe(CONNECTIONS);
	});
});
