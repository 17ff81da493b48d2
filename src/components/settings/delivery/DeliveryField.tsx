import type { ConnectionView, Delivery } from '#shared/providers.ts';
import { RadioList } from '../../ui/RadioList.tsx';
import { deliveryWords } from '../connections/connectionWords.ts';

type Props = {
	connection: Pick<ConnectionView, 'authType' | 'unsealable'>;
	value: Delivery;
	onChange: (delivery: Delivery) => void;
};

const HINTS: Record<Delivery, string> = {
	sealed:
		'A project gets a token in its place, which is worth nothing elsewhere and ends with the project’s run. Disconnecting works at once.',
	direct:
		'The agent can read it there, and so can what it runs. Whoever has read it can use it until you revoke it at the provider.',
};

/** Where the key is while projects use it, with what follows from that. */
export function DeliveryField({ connection, value, onChange }: Props) {
	const { authType, unsealable } = connection;
	const choice = (delivery: Delivery) => ({
		value: delivery,
		label: deliveryWords(authType, delivery),
		hint: HINTS[delivery],
	});
	if (unsealable !== null) {
		return (
			<div>
				<p className="font-medium">{deliveryWords(authType, 'direct')}</p>
				<p className="mt-0.5 text-sm text-ink-faint">
					{unsealable} {HINTS.direct}
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
