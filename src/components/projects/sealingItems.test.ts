import { expect, test } from 'vitest';
import { sealingItems } from './sealingItems.ts';

const labels = (level: 'isolated' | 'partly' | 'not') => {
	const group = sealingItems({ sealedOnly: true, level }, () => undefined);
	return group.kind === 'group' ? group.items.map((item) => 'label' in item && item.label) : [];
};

test('the menu says that keys stay outside only where a fence keeps the project in', () => {
	for (const level of ['isolated', 'partly'] as const)
		expect(labels(level)).toEqual(['May be copied into it', 'Stay outside, or do not serve']);
	expect(labels('not')).toEqual(['May be copied into it', 'Are not copied, or do not serve']);
});
