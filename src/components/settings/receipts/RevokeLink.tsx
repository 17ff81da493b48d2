import { ExternalLink } from 'lucide-react';
import type { AuthType, AvailableProvider } from '#shared/providers.ts';

type Props = { authType: AuthType; provider: AvailableProvider | undefined };

/** Where a person revokes the credential at the provider; nothing where that is not known. */
export function RevokeLink({ authType, provider }: Props) {
	const url = authType === 'oauth' ? provider?.signInUrl : provider?.keyUrl;
	if (url == null) return null;
	return (
		<a href={url} target="_blank" rel="noopener noreferrer" className="text-accent-text underline underline-offset-2">
			{authType === 'oauth' ? 'Open its sign-ins' : 'Open its keys'}
			<ExternalLink size={12} aria-hidden className="ml-1 inline" />
		</a>
	);
}
