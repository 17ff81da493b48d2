import { audit } from './audit.ts';
import { chat } from './chat.ts';
import { toActions } from './define.ts';
import { projects } from './projects.ts';
import { queue } from './queue.ts';
import { settings } from './settings.ts';
import { usage } from './usage.ts';
import { users } from './users.ts';

/** Every verb, by group: one definition, two transports. */
export const verbs = { settings, projects, chat, queue, audit, usage, users };

export const server = {
	settings: toActions(settings),
	projects: toActions(projects),
	chat: toActions(chat),
	queue: toActions(queue),
	audit: toActions(audit),
	usage: toActions(usage),
	users: toActions(users),
};
