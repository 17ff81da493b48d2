import type { JobHandler } from '../handler.ts';
import { RUNTIME_JOBS } from '../jobs.ts';
import { budgetRecheck } from './budgetRecheck.ts';
import { chatSendPrompt } from './chatSendPrompt.ts';
import { connectionRecheck } from './connectionRecheck.ts';
import { credentialsChanged } from './credentialsChanged.ts';
import { credentialsDeliver } from './credentialsDeliver.ts';
import { oauthCallback } from './oauthCallback.ts';
import { oauthPush } from './oauthPush.ts';
import { oauthRefresh } from './oauthRefresh.ts';
import { opencodeSendInitialPrompt } from './opencodeSendInitialPrompt.ts';
import { opencodeSessionCreate } from './opencodeSessionCreate.ts';
import { opencodeSetProviderCredentials } from './opencodeSetProviderCredentials.ts';
import { opencodeWaitHealthy } from './opencodeWaitHealthy.ts';
import { projectCreate } from './projectCreate.ts';
import { projectDelete } from './projectDelete.ts';
import { projectStop } from './projectStop.ts';
import { runtimeStart } from './runtimeStart.ts';
import type { HandlerServices } from './services.ts';
import { withRuntime } from './withRuntime.ts';

const FACTORIES = [
	projectCreate,
	runtimeStart,
	opencodeWaitHealthy,
	opencodeSetProviderCredentials,
	opencodeSessionCreate,
	opencodeSendInitialPrompt,
	chatSendPrompt,
	credentialsChanged,
	credentialsDeliver,
	oauthCallback,
	oauthRefresh,
	oauthPush,
	connectionRecheck,
	budgetRecheck,
	projectStop,
	projectDelete,
];

/** Every handler, ready for the worker. */
export function createHandlers(services: HandlerServices): JobHandler[] {
	const handlers = FACTORIES.map((create) => create(services));
	return handlers.map((handler) => (RUNTIME_JOBS.includes(handler.type) ? withRuntime(services, handler) : handler));
}
