/** Which icon stands for a provider, where its id is not the icon's name already. */
const ICON_OF: Record<string, string> = {
	'302ai': 'ai302',
	'alibaba-cn': 'alibabacloud',
	'alibaba-coding-plan': 'alibabacloud',
	alibaba: 'alibabacloud',
	'amazon-bedrock': 'bedrock',
	'azure-cognitive-services': 'azure',
	'cloudflare-ai-gateway': 'cloudflare',
	'cloudflare-workers-ai': 'workersai',
	'fireworks-ai': 'fireworks',
	'github-copilot': 'githubcopilot',
	'github-models': 'github',
	'google-vertex': 'vertexai',
	'google-vertex-anthropic': 'vertexai',
	'io-net': 'ionet',
	kilo: 'kilocode',
	'kimi-for-coding': 'kimi',
	llama: 'meta',
	'lm-studio': 'lmstudio',
	'minimax-cn': 'minimax',
	'minimax-coding-plan': 'minimax',
	moonshotai: 'moonshot',
	'moonshotai-cn': 'moonshot',
	'novita-ai': 'novita',
	'ollama-cloud': 'ollama',
	'opencode-go': 'opencode',
	'qiniu-ai': 'qiniu',
	siliconflow: 'siliconcloud',
	'siliconflow-cn': 'siliconcloud',
	'tencent-coding-plan': 'tencentcloud',
	togetherai: 'together',
	xiaomi: 'xiaomimimo',
	'zai-coding-plan': 'zai',
	zhipuai: 'zhipu',
	'zhipuai-coding-plan': 'zhipu',
};

// Only these are shipped, each as a file of its own: the content security policy allows no data: addresses.
const FILES = import.meta.glob<string>(
	'/node_modules/@lobehub/icons-static-svg/icons/{ai302,aihubmix,alibabacloud,anthropic,azure,baseten,bedrock,cerebras,chutes,cloudflare,cohere,deepinfra,deepseek,digitalocean,featherless,fireworks,friendli,github,githubcopilot,google,groq,huggingface,hyperbolic,inception,inference,ionet,kilocode,kimi,lambda,lmstudio,meta,minimax,mistral,modelscope,moonshot,morph,nebius,novita,nvidia,ollama,openai,opencode,openrouter,parasail,perplexity,poe,qiniu,sambanova,siliconcloud,snowflake,stepfun,submodel,tencentcloud,together,upstage,v0,venice,vercel,vertexai,vllm,wandb,workersai,xai,xiaomimimo,zai,zenmux,zhipu}.svg',
	{ query: '?url&no-inline', import: 'default', eager: true },
);

/** The address of a provider's icon (one colour, to be used as a mask); undefined where there is none. */
export function providerIcon(providerId: string): string | undefined {
	return FILES[`/node_modules/@lobehub/icons-static-svg/icons/${ICON_OF[providerId] ?? providerId}.svg`];
}
