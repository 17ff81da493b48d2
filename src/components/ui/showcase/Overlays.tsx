import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { AlertDialog } from '../AlertDialog.tsx';
import { Button } from '../Button.tsx';
import { Dialog } from '../Dialog.tsx';
import { Field } from '../Field.tsx';
import { IconButton } from '../IconButton.tsx';
import { Input } from '../Input.tsx';
import { Menu } from '../Menu.tsx';
import { Tabs } from '../Tabs.tsx';
import { Tooltip } from '../Tooltip.tsx';
import { toast } from '../toast.ts';

/** What opens above the page. */
export function Overlays() {
	const [open, setOpen] = useState<'dialog' | 'alert' | null>(null);
	const [tab, setTab] = useState('preview');
	const close = () => setOpen(null);
	return (
		<div className="flex flex-col gap-5">
			<div className="flex flex-wrap items-center gap-2">
				<Button onClick={() => setOpen('dialog')}>Dialog</Button>
				<Button onClick={() => setOpen('alert')}>Confirm</Button>
				<Button onClick={() => toast.ok('Anthropic is connected', '14 models to choose from.')}>Toast</Button>
				<Button onClick={() => toast.bad('The project was not deleted', 'It is being started.')}>Toast, bad</Button>
				<Tooltip label="Opens in another tab">
					<Button>Tooltip</Button>
				</Tooltip>
				<Menu
					trigger={<IconButton label="More" quiet icon={<Ellipsis size={16} aria-hidden />} />}
					items={[
						{ label: 'Rename', icon: <Pencil size={14} aria-hidden />, onSelect: () => toast.ok('Renamed') },
						{ kind: 'link', label: 'Open', href: '#main' },
						{ kind: 'separator' },
						{
							label: 'Delete',
							tone: 'danger',
							icon: <Trash2 size={14} aria-hidden />,
							onSelect: () => setOpen('alert'),
						},
					]}
				/>
			</div>
			<Tabs
				label="Views"
				value={tab}
				onChange={setTab}
				panelClassName="p-3 text-ink-soft"
				tabs={[
					{ value: 'preview', label: 'Preview', panel: 'The page as it is.' },
					{ value: 'files', label: 'Files', panel: 'What it is made of.' },
					{ value: 'logs', label: 'Logs', panel: 'What happened.' },
				]}
			/>
			<Dialog
				open={open === 'dialog'}
				onOpenChange={close}
				title="Rename the project"
				description="The address of the preview stays as it is."
				footer={
					<>
						<Button onClick={close}>Cancel</Button>
						<Button variant="primary" onClick={close}>
							Rename
						</Button>
					</>
				}
			>
				<Field label="Name">
					<Input defaultValue="Bakery" />
				</Field>
			</Dialog>
			<AlertDialog
				open={open === 'alert'}
				onOpenChange={close}
				title="Delete Bakery"
				confirmLabel="Delete"
				onConfirm={close}
			>
				Its files, its chat and its preview are gone for good.
			</AlertDialog>
		</div>
	);
}
