import type { StepView } from '#shared/projects.ts';

const STEP_NAMES: Record<string, string> = {
	'project.create': 'Create the workspace',
	'runtime.start': 'Start the agent and the preview',
	'opencode.waitHealthy': 'Wait until the agent answers',
	'opencode.setProviderCredentials': 'Hand over the credential',
	'opencode.sessionCreate': 'Open a conversation',
	'opencode.sendInitialPrompt': 'Build your first version',
};

const JOB_NAMES: Record<string, string> = {
	...STEP_NAMES,
	'chat.sendPrompt': 'Work on a message',
	'credentials.deliver': 'Take over a changed credential',
	'project.stop': 'Stop',
	'project.delete': 'Delete',
};

/** A setup step in the person's words; the job's own name for one we have no words for. */
export function stepName(type: string): string {
	return STEP_NAMES[type] ?? type;
}

/** A job in the person's words; its own name for one we have no words for. */
export function jobName(type: string): string {
	return JOB_NAMES[type] ?? type;
}

/** What to do about a failed step, after the reason that the step itself gives. */
export function stepAdvice(step: StepView): string {
	if (step.type === 'opencode.setProviderCredentials' || step.type === 'opencode.sendInitialPrompt') {
		return 'Check the provider in Settings, or choose another model above. Then retry.';
	}
	if (step.type === 'project.create') return 'Check that the disk has room, then retry.';
	return 'Retry. If it fails again, open the Logs tab to see what the process said.';
}
