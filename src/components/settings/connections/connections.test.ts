import { describe, expect, it } from 'vitest';
import { connectionReason, connectionStatus } from '#shared/providers.ts';
import { connectionState } from '../../ui/connectionState.ts';
import { CONNECTIONS } from '../showcase/fixtures.ts';
import { applyConnectionEvent, moveConnection } from './applyConnectionEvent.ts';
import {
	connectionFacts,
	connectionName,
	countdown,
	cureOf,
	cureWords,
	deliveryWords,
	problemWords,
	usedByWords,
} from './connectionWords.ts';

const find = (id: string) => {
	const found = CONNECTIONS.find((connection) => connection.id === id);
	if (found === undefined) throw new Error(`No fixture ${id}.`);
	return found;
};
const ids = (list: { id: string }[]) => list.map((entry) => entry.id);

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

	it('says where the key is and how it is known', () => {
		expect(connectionFacts(find('c1'), 'isolated')).toEqual([
			'Work',
			'API key ···4f2a',
			'Key stays outside projects',
			'$3.20 this month',
		]);
		expect(connectionFacts(find('c4'), 'isolated')).toContain('Key is copied into projects');
	});

	it('claims that a key stays outside only where a fence holds', () => {
		const words = (authType: 'api' | 'oauth' | 'wellknown', level: 'partly' | 'not') =>
			deliveryWords({ authType, delivery: 'sealed' }, level);
		expect(words('api', 'partly')).toBe('Key stays outside projects');
		expect(words('api', 'not')).toBe('Key is not copied into projects');
		expect(words('oauth', 'not')).toBe('Sign-in is not copied into projects');
		expect(words('wellknown', 'not')).toBe('Token is not copied into projects');
		expect(deliveryWords({ authType: 'api', delivery: 'direct' }, 'not')).toBe('Key is copied into projects');
		const claims = CONNECTIONS.flatMap((connection) => connectionFacts(connection, 'not'));
		expect(claims.filter((fact) => fact.includes('outside'))).toEqual([]);
	});

	it('names the host of an endpoint, and no key where there is none', () => {
		expect(connectionFacts(find('c5'), 'isolated')).toEqual([
			'API key',
			'localhost:11434',
			'Key stays outside projects',
		]);
	});

	it('names the account of a sign-in', () => {
		expect(connectionFacts(find('c7b'), 'isolated')).toEqual(['Signed in as ada', 'Sign-in is copied into projects']);
	});

	it('calls the demo scripted', () => {
		expect(connectionFacts(find('c10'), 'isolated')).toEqual(['Scripted, works offline']);
	});

	it('says who uses it', () => {
		expect([0, 1, 4].map(usedByWords)).toEqual(['Not used yet', 'Used by 1 project', 'Used by 4 projects']);
	});

	it('has a name that tells accounts apart', () => {
		expect(connectionName(find('c1'))).toBe('Anthropic, Work');
		expect(connectionName(find('c2'))).toBe('OpenRouter');
	});
});

describe('a problem', () => {
	it('has a sentence for every reason, and none without one', () => {
		const sentences = connectionReason.options.map((reason) =>
			problemWords({ ...find('c9b'), status: 'error', reason, errorMessage: null }),
		);
		expect(new Set(sentences).size).toBe(connectionReason.options.length);
		expect(sentences).not.toContain(null);
		expect(problemWords(find('c1'))).toBeNull();
		expect(problemWords(find('c9b'))).toBe('Perplexity does not work at the moment.');
		expect(problemWords(find('c2'))).toBe('OpenRouter rejected the key.');
	});

	it.each([
		['c1', null],
		['c2', 'Replace key'],
		['c3', 'Test again'],
		['c4', 'Test again'],
		['c5', 'Test again'],
		['c6', 'Test'],
		['c7', 'Sign in again'],
		['c8', null],
		['c9', 'Replace key'],
		['c9b', 'Test again'],
		['c9c', 'Upgrade'],
	])('%s is cured by one button: %s', (id, words) => {
		const connection = find(id);
		const cure = cureOf(connection);
		expect(cure && cureWords(cure, connection.reason)).toBe(words);
	});

	it('is cured the way the credential was given', () => {
		const standing = { status: 'error', legacy: false } as const;
		expect(cureOf({ ...standing, reason: 'key_rejected', authType: 'oauth' })).toBe('signIn');
		expect(cureOf({ ...standing, reason: 'sign_in_expired', authType: 'api' })).toBe('replaceKey');
		expect(cureOf({ ...standing, status: 'expired', reason: null, authType: 'oauth' })).toBe('signIn');
	});

	it.each([
		[42_000, '0:42'],
		[41_001, '0:42'],
		[725_000, '12:05'],
		[3_723_000, '1:02:03'],
		[0, '0:00'],
		[-5_000, '0:00'],
	])('a wait of %d ms is left as %s', (ms, words) => {
		expect(countdown(ms)).toBe(words);
	});
});

describe('the list of connections', () => {
	it('keeps its order when a row changes', () => {
		const connection = { ...find('c2'), label: 'Home' };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(ids(after)).toEqual(ids(CONNECTIONS));
		expect(after[2]?.label).toBe('Home');
	});

	it('gets a new row at its end, and loses a removed one', () => {
		const connection = { ...find('c1'), id: 'new', position: 1_000 };
		const added = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(added.at(-1)?.id).toBe('new');
		const removed = applyConnectionEvent(added, { type: 'connection.removed', connectionId: 'c1' });
		expect(ids(removed)).not.toContain('c1');
	});

	it('has one default, with all its accounts', () => {
		const connection = { ...find('c3'), preferred: true };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(ids(after.filter((entry) => entry.preferred))).toEqual(['c3']);
		const back = applyConnectionEvent(after, { type: 'connection.changed', connection: find('c1') });
		expect(ids(back.filter((entry) => entry.preferred))).toEqual(['c1', 'c1b']);
	});

	it('has one account in use of each provider', () => {
		const connection = { ...find('c1b'), active: true };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		const active = after.filter((entry) => entry.active && entry.providerId === 'anthropic');
		expect(ids(active)).toEqual(['c1b']);
		expect(after.find((entry) => entry.id === 'c2')?.active).toBe(true);
	});

	it('follows a new order', () => {
		const connection = { ...find('c3'), position: 0 };
		const after = applyConnectionEvent(CONNECTIONS, { type: 'connection.changed', connection });
		expect(ids(after).slice(0, 3)).toEqual(['c3', 'c1', 'c1b']);
	});

	it('moves a row by one place, and no further than its ends', () => {
		const three = CONNECTIONS.slice(0, 3);
		expect(ids(moveConnection(three, 'c2', -1))).toEqual(['c1', 'c2', 'c1b']);
		expect(ids(moveConnection(three, 'c1', 1))).toEqual(['c1b', 'c1', 'c2']);
		expect(moveConnection(three, 'c1', -1)).toBe(three);
		expect(moveConnection(three, 'c2', 1)).toBe(three);
		expect(moveConnection(three, 'c2', -1).map((entry) => entry.position)).toEqual([1, 2, 3]);
	});

	it('is left alone by other events', () => {
		expect(applyConnectionEvent(CONNECTIONS, { type: 'hello', version: '1' })).toBe(CONNECTIONS);
	});
});
