import { z } from 'zod';
import { connectionView, oauthFlow, oauthState, providerId } from './providers.ts';

/** A sign-in that is under way, or how it ended. */
export const oauthAttempt = z.object({
	id: z.string(),
	providerId: z.string(),
	state: oauthState,
	/** Why it did not work, in words. */
	message: z.string().nullable(),
	connectionId: z.string().nullable(),
	expiresAt: z.iso.datetime(),
});
export type OAuthAttempt = z.infer<typeof oauthAttempt>;

export const initiateOAuthInput = z.object({
	providerId,
	/** The index that `listAvailableProviders` gives the method. */
	method: z.number().int().min(0).max(99),
	/** Answers to the method's prompts. */
	inputs: z.record(z.string().max(60), z.string().max(500)).optional(),
	/** The connection to sign in to again; without it, a new one, unless the account is connected already. */
	connectionId: z.string().min(1).max(64).optional(),
	label: z.string().trim().min(1).max(60).optional(),
});
export type InitiateOAuthInput = z.infer<typeof initiateOAuthInput>;

/** What the person has to do now. */
export const initiatedOAuth = z.object({
	attemptId: z.string(),
	/** The provider's page. */
	url: z.string(),
	method: oauthFlow,
	instructions: z.string(),
	/** To be typed on the provider's page. */
	userCode: z.string().optional(),
	/** Where the provider sends the browser, when that is an address of the server's own machine. */
	redirectsTo: z.string().optional(),
	expiresAt: z.iso.datetime(),
});
export type InitiatedOAuth = z.infer<typeof initiatedOAuth>;

export const completeOAuthInput = z.object({
	attemptId: z.string().min(1).max(64),
	/** The code that the provider's page shows, or the address of the page that did not load. */
	code: z.string().max(8_000).optional(),
});

export const oauthOutcome = z.object({
	state: oauthState,
	connection: connectionView.optional(),
	message: z.string().optional(),
	expiresAt: z.iso.datetime(),
});
