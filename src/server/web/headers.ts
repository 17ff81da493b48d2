/**
 * Adds what every answer carries. Pages come with a `content-security-policy` of script and style hashes already;
 * the preview hosts, known only at run time, are added to it as the one thing that may be framed.
 */
export function addSecurityHeaders(
	response: Response,
	options: { publicUrl: URL; frameSource: string; isDevelopment?: boolean },
): Response {
	const { headers } = response;
	// In development Vite puts scripts and styles into the pages that no hash is known of.
	const isOpen = options.isDevelopment === true && headers.get('content-type')?.startsWith('text/html');
	const fallback = isOpen ? "frame-ancestors 'none'" : "default-src 'none'; frame-ancestors 'none'";
	const policy = headers.get('content-security-policy') ?? fallback;
	headers.set('content-security-policy', `${policy.replace(/;\s*$/, '')}; frame-src ${options.frameSource}`);
	headers.set('x-content-type-options', 'nosniff');
	headers.set('referrer-policy', 'same-origin');
	headers.set('cross-origin-opener-policy', 'same-origin');
	headers.set('cross-origin-resource-policy', 'same-origin');
	headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
	if (options.publicUrl.protocol === 'https:') headers.set('strict-transport-security', 'max-age=31536000');
	if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
	return response;
}
