import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'astro/config';

export default defineConfig({
	devToolbar: { enabled: false },
	vite: {
		plugins: [tailwindcss()],
		// Another port would be another project's.
		server: { strictPort: true },
	},
});
