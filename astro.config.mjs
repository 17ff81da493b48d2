import node from '@astrojs/node';
import react from '@astrojs/react';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'astro/config';

/** Pages and worker share one copy of every server module: the build leaves `#server/*` for Node to resolve. */
const serverStaysOutside = {
	name: 'doce:server-stays-outside',
	apply: 'build',
	enforce: 'pre',
	resolveId: (id) => (id.startsWith('#server/') ? { id, external: true } : undefined),
};

export default defineConfig({
	output: 'server',
	// Verbs take 1 MB (`web/request/body.ts`); only a project's call of the demo may be larger.
	adapter: node({ mode: 'middleware', bodySizeLimit: 16 * 1024 * 1024 }),
	integrations: [react()],
	devToolbar: { enabled: false },
	session: false,
	// Nothing here is Markdown; its highlighter would need inline styles, which the policy below refuses.
	markdown: { syntaxHighlight: false },
	security: {
		// Origin checks live in src/middleware.ts: they also cover JSON, which Astro's own check leaves out.
		checkOrigin: false,
		// Sent as a header; the middleware adds `frame-src`, which depends on where previews live.
		csp: {
			directives: [
				"default-src 'self'",
				"img-src 'self' data:",
				"font-src 'self' data:",
				"object-src 'none'",
				"base-uri 'none'",
				"form-action 'self'",
				"frame-ancestors 'none'",
			],
			styleDirective: { resources: ["'self'", { resource: "'unsafe-inline'", kind: 'attribute' }] },
		},
	},
	vite: { plugins: [tailwindcss(), serverStaysOutside] },
});
