import { afterEach, beforeEach, expect, vi } from 'vitest';

/** A test that prints an error has found one: it fails. */
let errors: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
	errors = vi.spyOn(console, 'error');
});

afterEach(() => {
	const calls = errors.mock.calls;
	errors.mockRestore();
	expect(calls).toEqual([]);
});
