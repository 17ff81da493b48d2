import { Card } from '../ui/Card.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { SectionHeader } from '../ui/SectionHeader.tsx';

const COMMANDS = [
	{ command: 'npm run doce -- token create --name "My script"', does: 'Prints a new token, once.' },
	{ command: 'npm run doce -- token list', does: 'Shows the names and when each was last used.' },
	{ command: 'npm run doce -- token revoke <id>', does: 'Ends a token at once.' },
];

/** Tokens are made on the machine that doce runs on, so that a stolen browser session cannot make one. */
export function ApiTokens() {
	return (
		<section aria-labelledby="tokens">
			<SectionHeader id="tokens" title="API tokens">
				For scripts. They are made on the command line of this server, in the folder of doce.
			</SectionHeader>
			<Card flush>
				<ul aria-label="Commands" className="divide-y divide-line">
					{COMMANDS.map(({ command, does }) => (
						<li key={command} className="flex items-center gap-3 px-4 py-3">
							<div className="min-w-0 flex-1">
								<code className="block font-mono text-sm break-words">{command}</code>
								<span className="text-sm text-ink-soft">{does}</span>
							</div>
							<CopyButton text={command} label={`Copy: ${command}`} />
						</li>
					))}
				</ul>
			</Card>
			<p className="mt-3 text-sm text-ink-soft">
				Every action of these screens is also a JSON call:{' '}
				<a href="/api/v1/openapi.json" className="text-accent-text underline underline-offset-2">
					the description of all of them
				</a>
				.
			</p>
		</section>
	);
}
