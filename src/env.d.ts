declare namespace App {
	interface Locals {
		caller: import('#server/web/caller.ts').Caller | undefined;
		/** The browser's network address, as the socket shows it. */
		address: string;
		/** `set-cookie` values that the answer will carry. */
		outgoingCookies: string[];
		/** How many bytes of the answer the browser has not taken yet; the development server does not tell. */
		unsent?: () => number;
	}
}
