/** What a person can do about a turn that is not simply done. */
export type OutcomeVerbs = {
	onRetry: (jobId: string) => void;
	onContinue: (connectionId: string) => void;
	onGiveUp: () => void;
};
