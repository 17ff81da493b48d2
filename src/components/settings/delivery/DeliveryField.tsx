import type { Isolation } from '#shared/projects.ts';
import type { ConnectionView, Delivery } from '#shared/providers.ts';
import { keepsKeysOutside } from '../../ui/isolationWords.ts';
import { RadioList } from '../../ui/RadioList.tsx';
import { deliveryWords } from '../connections/connectionWords.ts';

type Props = {
	connection: Pick<ConnectionView, 'authType' | 'unsealable'>;
	level: Isolation['level'];
	value: Delivery;
	onChange: (delivery: Delivery) => void;
};

const SEALED =
	'A project gets a token in its place, which is worth nothing elsewhere and ends with the project’s run. Disconnecting works at once.';
const SEALED_UNFENCED =
	'A project gets a token in its place, which ends with the project’s run. But its agent can read what doce can, and so could find the key here.';
const DIRECT =
	'The agent can read it there, and so can what it runs. Whoever has read it can use it until you revoke it at the provider.';

/** Where the key is while projects use it, with what follows from that. */
export function DeliveryField({ connection, level, value, onChange }: Props) {
	const { authType, unsealable } = connection;
	const choice = (delivery: Delivery) => ({
		value: delivery,
		label: deliveryWords({ authType, delivery }, level),
		hint: delivery === 'direct' ? DIRECT : keepsKeysOutside(level) ? SEALED : SEALED_UNFENCED,
	});
	if (unsealable !== null) {
		return (
			<div>
				<p className="font-medium">{deliveryWords({ authType, delivery: 'direct' }, level)}</p>
				<p className="mt-0.5 text-sm text-ink-faint">
					{unsealable} {DIRECT}
				</p>
			</div>
		);
	}
	return (
		<RadioList
			label="Where the key is"
			value={value}
			onChange={onChange}
			choices={[choice('sealed'), choice('direct')]}
		/>
	);
}
