import { z } from 'zod';
import type { OAuthBroker } from '../../auth/oauth/broker.ts';
import type { TurnServices } from '../../chat/turn.ts';
import type { Uses } from '../../projects/life/uses.ts';
import type { EnqueueInput } from '../enqueue.ts';
import type { JobType } from '../jobs.ts';

/** What handlers work with; `start.ts` makes it. */
export type HandlerServices = TurnServices & { oauth: OAuthBroker; uses: Uses };

export const ofProject = z.object({ projectId: z.string() });

/** The chain's next job, enqueued in the transaction that settles this one. */
export function nextStep(type: JobType, projectId: string): EnqueueInput[] {
	return [{ type, payload: { projectId } }];
}
