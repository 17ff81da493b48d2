import { PackageOpen } from 'lucide-react';
import { useState } from 'react';
import type { ConnectionView } from '#shared/providers.ts';
import { Button } from '../../ui/Button.tsx';
import { MoveInDialog } from './MoveInDialog.tsx';

type Props = { onConnected: (connection: ConnectionView) => void };

/** Opens the way in for keys that lie in files. What is pasted lives as long as its dialog is open. */
export function MoveIn({ onConnected }: Props) {
	const [open, setOpen] = useState(false);
	return (
		<>
			<Button icon={<PackageOpen size={16} aria-hidden />} onClick={() => setOpen(true)}>
				Move in
			</Button>
			{open && <MoveInDialog onClose={() => setOpen(false)} onConnected={onConnected} />}
		</>
	);
}
