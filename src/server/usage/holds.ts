import type { Db } from '#server/db/client.ts';
import { type Budget, budgetRefusal, budgetsOf } from './budgets.ts';

/** A call that is about to be made, or under way: nothing of it is on record yet. */
export type Hold = {
	projectId: string;
	connectionId: string;
	/** What it may come to cost, by what is known of it when it is asked, in millionths of a dollar. */
	price(): number;
};

/** Why a call is not made now: the budget has nothing left, or may not have once those under way have ended. */
type Withheld = { kind: 'used_up' | 'held'; message: string };

/** What calls under way hold of budgets, so that many at once cannot each spend the same rest. */
export type Holds = {
	/** Holds what a call may cost, unasked. */
	take(hold: Hold): void;
	/** The same, if the budgets of its project and connection leave room for it. */
	takeIfRoom(db: Db, hold: Hold, settle: () => Promise<void>): Promise<Withheld | undefined>;
	/** To be called when what it cost is on its way to the records, which `settle` brings there. */
	release(hold: Hold): void;
};

const HELD = 'Calls under way may use up what is left of a budget. This one has to wait for them.';

export function createHolds(): Holds {
	const held = new Set<Hold>();
	return {
		take: (hold) => void held.add(hold),
		async takeIfRoom(db, hold, settle) {
			// Whichever of these ends meanwhile is on record too late to be seen below.
			const before = [...held];
			await settle();
			const spending = { ...hold, now: Date.now() };
			const refusal = await budgetRefusal(db, spending);
			if (refusal !== undefined) return { kind: 'used_up', message: refusal };
			const standings = await budgetsOf(db, spending);
			// From here on nothing is waited for: of two calls at once the other one sees this one's hold.
			const others = [...new Set([...before, ...held])];
			const isFull = standings.some(({ budget, spent }) => {
				const those = others.filter((other) => isOf(budget, other));
				const sum = those.reduce((total, other) => total + other.price(), 0);
				return sum > 0 && spent + sum >= budget.limit_micro_usd;
			});
			if (isFull) return { kind: 'held', message: HELD };
			held.add(hold);
			return undefined;
		},
		release: (hold) => void held.delete(hold),
	};
}

function isOf({ subject, subject_id }: Budget, { projectId, connectionId }: Hold): boolean {
	return subject_id === (subject === 'project' ? projectId : connectionId);
}
