import { expect, test } from 'vitest';
import { type AuthPrompt, updateProviderConnectionInput } from '#shared/providers.ts';
import { editFormInput, editFormOf } from './editForm.ts';

const PROMPTS: AuthPrompt[] = [{ type: 'text', key: 'resourceName', message: 'Resource name' }];
const AZURE = { id: 'c1', label: 'Work', fields: { resourceName: 'mine' } };

test('nothing but what changed is sent, and a name alone is not tested', () => {
	const form = editFormOf(AZURE);
	expect(editFormInput(AZURE, PROMPTS, { ...form, label: ' Home ' }, false)).toEqual({
		ok: true,
		tested: false,
		input: { connectionId: 'c1', label: 'Home' },
	});
	const moved = editFormInput(AZURE, PROMPTS, { ...form, apiKey: ' sk-1 ', inputs: { resourceName: ' yours ' } }, true);
	expect(moved).toEqual({
		ok: true,
		tested: true,
		input: { connectionId: 'c1', apiKey: 'sk-1', metadata: { resourceName: 'yours' }, skipTest: true },
	});
	if (moved.ok) expect(updateProviderConnectionInput.parse(moved.input)).toEqual(moved.input);
});

test('an emptied field is named', () => {
	expect(editFormInput(AZURE, PROMPTS, { ...editFormOf(AZURE), inputs: {} }, false)).toEqual({
		ok: false,
		message: 'Resource name: answer this first.',
	});
});

test('a connection whose provider asks for nothing keeps what it has', () => {
	expect(editFormInput(AZURE, [], editFormOf(AZURE), false)).toMatchObject({
		tested: false,
		input: { connectionId: 'c1' },
	});
});
